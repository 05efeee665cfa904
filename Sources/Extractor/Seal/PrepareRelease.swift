internal import Shared

/// What the user tells `extract` and `evaluate` about a release, as typed.
struct SealRequest: Sendable {
  let policyFile: String
  let keyFile: String
  let certificateFile: String
  /// An open file descriptor from which to read the key's passphrase; if nil, the passphrase is asked for at the
  /// terminal when the key needs one.
  let passphraseDescriptor: Int32?
  let approvals: ApprovalRequest
  /// The folder of the bundle.
  let out: String
  /// The folder of the report that stays inside the hospital, if there is one.
  var report: String?
  let ledger: String?
  /// Whether the user says that no codes have lost leading zeros.
  var codesAreWhole = false
  /// UTC, `2026-01-31T12:00:00Z`.
  let created: String
}

/// A release just before its first row is read: keys, approvals, folders and sandbox are in order, so hours of work
/// can't fail because of one of them.
struct PreparedRelease: ~Copyable {
  let approved: ApprovedPolicy
  let seal: Seal
  private let ledger: BegunLedger?
  var ledgerFile: String? { ledger?.path }
  /// What draws the cells that are withheld to protect others.
  let secret: SiteSecret
  let bundle: OutputFolder
  private var report: OutputFolder?
  let signals: HeldSignals

  var policy: Policy { approved.policy }

  /// Hands over the report's folder, once.
  mutating func takeReport() -> OutputFolder? { report.take() }

  /// Opens the key, certificate and policy, makes the temporary folders, and enters the sandbox.
  ///
  /// - Parameters:
  ///   - folders: the folders of tables that will be read.
  ///   - isOpen: whether to go on without a sandbox; the manifest records this.
  ///   - check: further checks that must pass before the sandbox is entered.
  ///   - onWaiting: called if another release is being made with the same ledger, which is waited for.
  ///   - onSignal: called when a signal arrives, after the unfinished folders are removed.
  /// - Throws: status 66, 70, 73, 76, 77 or 78, depending on what is wrong.
  init(
    _ request: SealRequest, reading folders: [String], isOpen: Bool, check: (Policy) throws(CloisterError) -> Void,
    onWaiting: () -> Void, onSignal: @escaping @Sendable (EndedBySignal) -> Void
  ) throws(CloisterError) {
    let key = try SigningKey(file: request.keyFile, passphraseDescriptor: request.passphraseDescriptor)
    let certificate = try Certificate(file: request.certificateFile)
    let approved = try request.approvals.approved(policy: request.policyFile, certificate)
    try check(approved.policy)
    let begun = try request.ledger.map { path throws(CloisterError) in
      try BegunLedger(path, onWaiting: onWaiting)
    }
    // No thread may start before the sandbox is entered, and no signal may arrive while a folder exists that nothing
    // would remove.
    HeldSignals.block()
    let bundle = try OutputFolder(request.out)
    var (asides, parents) = ([bundle.aside], [bundle.parent])
    if let path = request.report {
      let folder = try OutputFolder(path)
      asides.append(folder.aside)
      parents.append(folder.parent)
      report = consume folder
    } else {
      report = nil
    }
    let newLedger = begun?.isNew == true ? request.ledger : nil
    let sandbox = try Sandbox(
      writable: asides, inOut: request.ledger.map(Ledger.files) ?? [], renaming: parents,
      emptying: newLedger.map { [parentFolder(of: $0)] } ?? []
    ).entered(reading: folders, isOpen: isOpen)
    let signals = try HeldSignals { [asides] signal in
      for aside in asides { removeTree(aside) }
      if let newLedger { BegunLedger.removeEmpty(newLedger) }
      onSignal(signal)
    }
    HeldSignals.unblock()
    seal = try Seal(
      key: key, certificate: certificate, created: request.created, sandbox: sandbox,
      codesAreConfirmed: request.codesAreWhole)
    self.signals = signals
    self.approved = approved
    secret = begun?.secret ?? .fresh()
    ledger = begun
    self.bundle = bundle
  }
}

/// Who approved a policy, as typed.
struct ApprovalRequest: Sendable {
  /// The file of the policy's approvals; nil stands for `POLICY.p7s`, if it exists and the policy asks for approvals.
  let approvals: String?
  /// Certificates of those who may approve policies: files or folders.
  let approvers: [String]

  /// Reads a policy file, and requires the approvals that it asks for.
  ///
  /// - Parameter certificate: the certificate that signs the site's bundles.
  func approved(policy file: String, _ certificate: borrowing Certificate) throws(CloisterError) -> ApprovedPolicy {
    let policy = try readPolicy(file)
    let usual = "\(file).p7s"
    let isThere = FileStatus(of: usual) != nil
    let signed = approvals ?? (policy.protection.approvals > 0 && isThere ? usual : nil)
    return try ApprovedPolicy(
      policy, signatures: try signed.map(readApprovals), approvers: approvers, certificate: certificate)
  }
}

func readPolicy(_ path: String) throws(CloisterError) -> Policy {
  try Policy(parsing: try readPolicyText(path), file: harmless(path))
}

func readPolicyText(_ path: String) throws(CloisterError) -> [UInt8] {
  try readFile(path, name: harmless(path), limit: 1 << 16, refusal: .policyOrKeyWrong)
}

/// Reads the approvals that `policy approve` wrote next to a policy.
func readApprovals(_ path: String) throws(CloisterError) -> [UInt8] {
  try readFile(
    path, name: harmless(path), limit: BundleLayout.limits[BundleLayout.approvals] ?? 0,
    refusal: .policyOrKeyWrong)
}
