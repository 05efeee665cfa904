internal import Foundation
internal import Shared

/// A valid bundle whose policy asks for one approval, and the changes that a test vector makes to it.
package final class VectorBundle {
  private static let base = Result { try make(approver: "officer") }
  private static let another = Result { try make(approver: "second") }

  private let folder: TemporaryFolder
  private let keys: VectorKeys
  package var path: String { folder.path("bundle") }

  /// A fresh copy.
  package init() throws {
    keys = try VectorKeys.shared.get()
    folder = try TemporaryFolder()
    let base = try Self.base.get()
    try FileManager.default.copyItem(atPath: base.path("bundle"), toPath: folder.path("bundle"))
    for file in ["key", "crt"] {
      try FileManager.default.copyItem(atPath: base.path("site.\(file)"), toPath: folder.path("site.\(file)"))
    }
  }

  private static func make(approver: String) throws -> TemporaryFolder {
    let keys = try VectorKeys.shared.get().folder
    let text = SmallHospital.policy.replacingOccurrences(of: "patients: 11}", with: "patients: 11, approvals: 1}")
    let site = try TestSite(
      policy: approver == "officer" ? text : text.replacingOccurrences(of: "patients: 11", with: "patients: 12"),
      name: "Test Hospital")
    let folder = site.folder
    let certificate = keys.path("\(approver).crt")
    let approved = try Project.extractor(
      "policy", "approve", "--yes", site.policy, "--key", keys.path("\(approver).key"), "--cert", certificate)
    for done in [approved, try site.extract("bundle", ["--approvers", certificate])] where done.status != 0 {
      throw ProgramFailed(what: done.errors)
    }
    try FileManager.default.moveItem(atPath: folder.path("keys/signer.key.pem"), toPath: folder.path("site.key"))
    try FileManager.default.moveItem(atPath: folder.path("keys/signer.cert.pem"), toPath: folder.path("site.crt"))
    return folder
  }

  /// The path of the `key` or `crt` with this name.
  package func key(_ name: Substring, _ kind: String) -> String {
    name == "site" ? folder.path("site.\(kind)") : keys.folder.path("\(name).\(kind)")
  }

  private func bytes(_ file: some StringProtocol) throws -> Data { try folder.read("bundle/\(file)") }

  private func put(_ bytes: Data, _ file: some StringProtocol) throws { try folder.write(bytes, to: "bundle/\(file)") }

  /// Applies one line of a vector.
  package func apply(_ change: String) throws {
    let words = change.split(separator: " ")
    let rest = words.count > 2 ? change.dropFirst(words[0].count + words[1].count + 2) : ""
    let file = words.count > 1 ? String(words[1]) : ""
    switch words[0] {
    case "flip": try alter(file) { $0[offset(words[2], $0.count)] ^= 1 }
    case "cut": try alter(file) { $0 = $0.prefix(offset(words[2], $0.count)) }
    case "append": try alter(file) { $0 += Data(rest.utf8) }
    case "bom": try alter(file) { $0 = Data([0xEF, 0xBB, 0xBF]) + $0 }
    case "crlf":
      try alter(file) {
        $0 = Data(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "\n", with: "\r\n").utf8)
      }
    case "edit": try edit(file, rest)
    case "set":
      let value = rest.dropFirst(words[2].count + 1)
      try alter(file) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let member = try Regex(#""\#(words[2])": ("[^"]*"|[^,}\s]+)"#)
        guard text.contains(member) else { throw ProgramFailed(what: change) }
        bytes = Data(text.replacing(member, with: #""\#(words[2])": \#(value)"#, maxReplacements: 1).utf8)
      }
    case "byte":
      try alter(file) { bytes in
        guard let place = bytes.range(of: Data(words[2].utf8)), let byte = UInt8(words[3]) else {
          throw ProgramFailed(what: change)
        }
        bytes[place.lowerBound] = byte
      }
    case "add": try put(Data(rest.utf8), file)
    case "remove": try FileManager.default.removeItem(atPath: "\(path)/\(file)")
    case "pipe":
      try FileManager.default.removeItem(atPath: "\(path)/\(file)")
      try run("mkfifo", "\(path)/\(file)")
    case "folder":
      try FileManager.default.createDirectory(atPath: "\(path)/\(file)", withIntermediateDirectories: false)
    case "link":
      try FileManager.default.moveItem(atPath: "\(path)/\(file)", toPath: folder.path("outside"))
      try FileManager.default.createSymbolicLink(atPath: "\(path)/\(file)", withDestinationPath: folder.path("outside"))
    case "grow": try run("truncate", "-s", String(words[2]), "\(path)/\(file)")
    case "swap": try put(try Self.another.get().read("bundle/\(file)"), file)
    case "copy": try put(try bytes(file), words[2])
    case "list": try relist(namesPolicy: false)
    case "seal": try relist(namesPolicy: true)
    case "unlist": try relist(namesPolicy: true, without: file)
    case "count": try relist(namesPolicy: true, approvals: Int(file))
    case "follow":
      // As a later release of the site, after an unknown one.
      for file in ["manifest.json", "ledger-entry.json"] {
        try edit(file, "\"sequence\": 1 => \"sequence\": \(words[1])")
        try edit(file, "\"previous\": null => \"previous\": \"\(String(repeating: "0", count: 64))\"")
      }
    default: try sign(words)
    }
  }

  private func sign(_ words: [Substring]) throws {
    let manifest = "\(path)/manifest.json"
    let signature = "\(path)/manifest.p7s"
    let signers = words.dropFirst().flatMap { ["-signer", key($0, "crt"), "-inkey", key($0, "key")] }
    func cms(_ more: [String], _ content: String, _ out: String) throws {
      try run(
        "openssl",
        arguments: ["cms", "-sign", "-binary", "-outform", "DER", "-in", content, "-out", out] + more + signers)
    }
    switch words[0] {
    case "sign": try cms(["-nosmimecap", "-md", "sha256"], manifest, signature)
    case "sign-sha1": try cms(["-nosmimecap", "-md", "sha1"], manifest, signature)
    case "sign-attached": try cms(["-nodetach", "-nosmimecap"], manifest, signature)
    case "approve": try cms(["-nosmimecap", "-md", "sha256"], "\(path)/policy.yaml", "\(path)/policy.p7s")
    case "pem":
      try run(
        "openssl", "cms", "-cmsout", "-inform", "DER", "-in", signature, "-outform", "PEM", "-out", folder.path("pem"))
      try put(try folder.read("pem"), "manifest.p7s")
    case "stamp":
      let stamped = words.count > 1 ? "\(path)/\(words[1])" : signature
      try run("openssl", "ts", "-query", "-data", stamped, "-sha256", "-cert", "-out", folder.path("query"))
      try run(
        "openssl", "ts", "-reply", "-config", "ca.conf", "-queryfile", folder.path("query"), "-signer", "stamper.crt",
        "-inkey", "stamper.key", "-out", "\(path)/manifest.p7s.tsr")
    default: throw ProgramFailed(what: "unknown word: \(words[0])")
    }
  }

  private func run(_ program: String, _ arguments: String...) throws { try run(program, arguments: arguments) }

  private func run(_ program: String, arguments: [String]) throws {
    let done = try runProgram(program, arguments, in: keys.folder.path)
    guard done.status == 0 else { throw ProgramFailed(what: done.errors) }
  }

  private func offset(_ word: Substring, _ count: Int) -> Int {
    let number = Int(word) ?? 0
    return number < 0 ? count + number : number
  }

  private func alter(_ file: String, _ change: (inout Data) throws -> Void) throws {
    var bytes = try bytes(file)
    try change(&bytes)
    try put(Data(bytes), file)
  }

  private func edit(_ file: String, _ change: some StringProtocol) throws {
    var text = String(decoding: try bytes(file), as: UTF8.self)
    let parts = change.components(separatedBy: " => ")
    let found = parts.count == 2 ? parts : [change.replacingOccurrences(of: " =>", with: ""), ""]
    guard let place = text.range(of: found[0]) else { throw ProgramFailed(what: "not found: \(found[0])") }
    text.replaceSubrange(place, with: found[1])
    try put(Data(text.utf8), file)
  }

  private func relist(namesPolicy: Bool, without: String? = nil, approvals: Int? = nil) throws {
    let manifest = try Manifest(parsing: Array(try bytes("manifest.json")))
    if namesPolicy {
      try renewDigest("policy", of: "policy.yaml")
      try renewDigest("statistics", of: "statistics.json")
    }
    let files = try manifest.files.map(\.path).filter { $0 != without }
      .map { Manifest.ListedFile(path: $0, content: Array(try bytes($0))) }
    let policy = try namesPolicy ? SHA256.hexadecimal(Array(bytes("policy.yaml"))) : manifest.policySHA256
    let renewed = Manifest(
      site: manifest.site, series: manifest.series, sequence: manifest.sequence, previous: manifest.previous,
      created: manifest.created,
      extractor: manifest.extractor, guarantee: manifest.guarantee, approvals: approvals ?? manifest.approvals,
      sandbox: manifest.sandbox, codesAreConfirmed: manifest.codesAreConfirmed, secretSHA256: manifest.secretSHA256,
      policySHA256: policy, files: files)
    try put(Data(renewed.formatted().utf8), "manifest.json")
  }

  /// Puts a file's digest into the ledger's entry, if the entry has such a member.
  private func renewDigest(_ name: String, of file: String) throws {
    let entry = String(decoding: try bytes("ledger-entry.json"), as: UTF8.self)
    guard let start = entry.range(of: "\"\(name)-sha256\": \"")?.upperBound else { return }
    let digest = SHA256.hexadecimal(Array(try bytes(file)))
    try put(Data((entry[..<start] + digest + entry[start...].dropFirst(digest.count)).utf8), "ledger-entry.json")
  }
}
