internal import ArgumentParser
internal import Shared

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Makes the hospital's signing key and certificate.",
    discussion: """
      Writes signer.key.pem, which only this user can read, and signer.cert.pem. Send the certificate to researchers
      separately from the bundles. Example:
        cloister-extractor keygen --name "Example Hospital" --out keys/
      A hospital with its own certificate authority asks it for the certificate: --csr writes signer.csr.pem instead of
      signer.cert.pem. The certificate must allow digital signatures and keep the name.
      """)

  @Option(help: "The hospital's name, as every bundle will show it.")
  var name: String

  @Option(help: "The folder to create; it must not exist.")
  var out: String

  @Option(help: "Days until the certificate expires.")
  var days: Int = 1825

  @Flag(help: "Write a request to the hospital's own authority instead of a certificate.")
  var csr = false

  @Flag(help: "Leave the key unencrypted, for trials only.")
  var noPassphrase = false

  @Option(name: .customLong("passphrase-fd"), help: "Read the passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  func validate() throws {
    guard (1...36_500).contains(days) else { throw ValidationError("--days must be from 1 to 36500") }
    guard !(noPassphrase && passphraseDescriptor != nil) else {
      throw ValidationError("--no-passphrase and --passphrase-fd can't be combined")
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
      Console.note("note: the key is not encrypted; anyone who can read the file can sign as this hospital")
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
    let second = try Passphrase.ask("Repeat the passphrase: ")
    guard first.equals(second) else {
      throw CloisterError(.wrongArguments, "the two passphrases differ", hint: "run keygen again")
    }
    return first
  }
}
