internal import ArgumentParser
internal import Shared

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Makes the hospital's signing key and certificate.",
    discussion: """
      Writes signer.key.pem (for this user only) and signer.cert.pem. Give the certificate to researchers by another way
      than the bundles. Example:
        cloister-extractor keygen --name "Example Hospital" --out keys/
      A hospital with an authority of its own asks it for the certificate: --csr writes signer.csr.pem in place of
      signer.cert.pem. The certificate must be for digital signatures and keep the name.
      """)

  @Option(help: "The hospital's name, as every bundle will show it.")
  var name: String

  @Option(help: "The folder to make.")
  var out: String

  @Option(help: "Days until the certificate expires.")
  var days: Int = 1825

  @Flag(help: "Write a request to the hospital's own authority in place of a certificate.")
  var csr = false

  @Flag(help: "Leave the key unencrypted: for trials only.")
  var noPassphrase = false

  @Option(name: .customLong("passphrase-fd"), help: "Read the passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  func validate() throws {
    guard (1...36_500).contains(days) else { throw ValidationError("--days must be from 1 to 36500") }
    guard !(noPassphrase && passphraseDescriptor != nil) else {
      throw ValidationError("--no-passphrase and --passphrase-fd exclude each other")
    }
  }

  func run() throws {
    let key = try SigningKey()
    let file = csr ? "signer.csr.pem" : "signer.cert.pem"
    let content =
      csr ? try certificateRequest(key, name: name) : try selfSignedCertificate(key, name: name, days: days)
    let folder = try OutputFolder(out)
    try folder.write(try key.pem(try passphrase()), to: "signer.key.pem", permissions: 0o600)
    try folder.write(content, to: file)
    try folder.publish()
    if noPassphrase {
      Console.note("note: the key is not encrypted; whoever can read the file can sign as this hospital")
    }
    guard !csr else {
      Console.result("\(out): signer.key.pem, and signer.csr.pem for the authority to sign")
      return
    }
    let made = try Certificate(file: "\(out)/signer.cert.pem")
    Console.result("\(out): signer.key.pem and signer.cert.pem for \(made.commonName ?? name)")
    Console.result("certificate SHA-256: \(made.fingerprint)")
  }

  private func passphrase() throws -> Passphrase {
    if noPassphrase { return .none() }
    if let passphraseDescriptor { return try .read(fromDescriptor: passphraseDescriptor) }
    let first = try Passphrase.ask("Passphrase for the new key: ")
    let second = try Passphrase.ask("The same again: ")
    guard first.equals(second) else {
      throw CloisterError(.wrongArguments, "the two passphrases differ", hint: "run keygen again")
    }
    return first
  }
}
