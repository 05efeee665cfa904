import Shared
import Testing

@testable import Generator

@Suite struct ProxySettingsTests {
  private static let environment = [
    "HTTP_PROXY": "http://me:secret@plain:3128", "https_proxy": "tls:8080", "HTTPS_PROXY": "http://other",
    "NO_PROXY": "localhost, .inside.org,10.0.0.0/8,alone:8443,*.star.org,[::1]",
  ]

  @Test func eachSchemeHasItsProxyAndNoPasswordIsShown() {
    let settings = ProxySettings(Self.environment)
    #expect(settings.way(to: "http://h/v1").proxy?.words == "http://plain:3128 (HTTP_PROXY)")
    #expect(settings.way(to: "https://h/v1").proxy?.words == "http://tls:8080 (https_proxy)")
    guard case .relay(let proxy) = settings.way(to: "http://h/v1") else {
      Issue.record("not relayed")
      return
    }
    #expect(proxy.login == "bWU6c2VjcmV0")
    #expect(ProxySettings([:]).way(to: "http://h") == .direct)
    #expect(
      ProxySettings(["ALL_PROXY": "socks5://s"]).way(to: "https://h").proxy?.words == "socks5://s:1080 (ALL_PROXY)")
  }

  @Test(arguments: [
    ("http://localhost:8080", true), ("https://a.inside.org", true), ("https://inside.org", true),
    ("http://10.1.2.3/v1", true), ("http://11.1.2.3/v1", false), ("https://alone:8443", true), ("https://alone", false),
    ("https://x.star.org", true), ("http://[::1]:80/", true), ("https://notinside.org", false),
    ("http://LOCALHOST", true),
  ])
  func exceptionsAreHonoured(_ url: String, _ isDirect: Bool) {
    #expect((ProxySettings(Self.environment).way(to: url) == .direct) == isDirect)
    #expect(ProxySettings(["http_proxy": "p", "https_proxy": "p", "no_proxy": "*"]).way(to: url) == .direct)
  }

  @Test func aProxyThatCantBeUsedIsRefusedWithoutItsPassword() {
    for text in ["https://me:secret@p", "ftp://me:secret@p", "http://me:secret@"] {
      let problem = ProxySettings(["HTTP_PROXY": text]).problem
      #expect(problem?.status == .wrongArguments && problem?.what.contains("secret") == false)
    }
  }
}
