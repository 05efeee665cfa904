internal import ArgumentParser
internal import Shared

/// Whom to trust: the arguments of all commands that open a bundle.
struct TrustOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help:
      "Certificates of hospitals, or of authorities, that you trust: PEM files, with revocation lists if any, or folders of them."
  )
  var trust: [String]

  @Option(name: .customLong("approver"), parsing: .upToNextOption, help: "Certificates of people who approve policies.")
  var approvers: [String] = []

  @Option(parsing: .upToNextOption, help: "Certificates of time stamp authorities, for bundles with a time stamp.")
  var timestampTrust: [String] = []

  @Option(
    help:
      "The file that remembers each site's latest release; cloister/sites.json under XDG_STATE_HOME where it is not said."
  )
  var memory: String?

  var trusted: Trust { Trust(sites: trust, approvers: approvers, timestamps: timestampTrust) }
}
