internal import ArgumentParser
internal import Shared

struct SitesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sites", abstract: "Shows the sites whose bundles were accepted, or replaces a site's key.",
    subcommands: [SitesListCommand.self, SitesReplaceCommand.self])
}

/// Where accepted releases are remembered.
struct MemoryOptions: ParsableArguments {
  @Option(
    help:
      "The file that remembers each site's key and latest release; default: cloister/sites.json under XDG_STATE_HOME."
  )
  var memory: String?
}

struct SitesListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Shows each site's key and the latest release accepted from each of its sources.",
    discussion: """
      Example:
        cloister-generator sites list
      """)

  @OptionGroup var memory: MemoryOptions

  func run() throws {
    for (name, site) in try SiteMemory(memory.memory).sites.inByteOrder() {
      Console.result("\(harmless(name)): key SHA-256 \(harmless(site.key))")
      for (source, release) in site.releases.inByteOrder() {
        Console.result("  \(harmless(source)): release \(release.sequence)")
      }
    }
  }
}

struct SitesReplaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replace", abstract: "Expects a site's bundles to be signed with a new key from now on.",
    discussion: """
      Ask the hospital first, through a separate channel, whether its key is new, and compare the certificate's digest.
      Example:
        cloister-generator sites replace "Example Hospital" --cert new.cert.pem
      """)

  @Argument(help: "The site's name, as its bundles show it.")
  var site: String

  @Option(help: "The new certificate, in PEM form.")
  var cert: String

  @OptionGroup var memory: MemoryOptions

  func run() throws {
    let certificate = try Certificate(file: cert)
    guard certificate.commonName == site else {
      throw CloisterError(
        .policyOrKeyWrong, "\(harmless(cert)): the certificate is not in this site's name",
        hint: "give the certificate that the hospital sent for this site")
    }
    guard certificate.isP256, certificate.isValidNow else {
      throw CloisterError(
        .policyOrKeyWrong, "\(harmless(cert)): the certificate is not for a P-256 key, or not valid now",
        hint: "ask the hospital for its present certificate")
    }
    var sites = try SiteMemory(memory.memory, isToBeWritten: true)
    let before = try sites.replaceKey(of: site, with: certificate.keyFingerprint)
    Console.result("\(harmless(site)): key SHA-256 \(certificate.keyFingerprint) in place of \(harmless(before))")
  }
}
