internal import ArgumentParser
internal import Shared

/// The arguments that say whom to trust; every command that verifies a bundle has them.
struct TrustOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help:
      "Certificates of hospitals or authorities that you trust: PEM files, or folders of them, with revocation lists."
  )
  var trust: [String]

  @Option(name: .customLong("approver"), parsing: .upToNextOption, help: "Certificates of people who approve policies.")
  var approvers: [String] = []

  @Option(parsing: .upToNextOption, help: "Certificates of time stamp authorities, for bundles with a time stamp.")
  var timestampTrust: [String] = []

  @Option(
    help:
      "The file that remembers each site's latest release; default: cloister/sites.json under XDG_STATE_HOME."
  )
  var memory: String?

  var trusted: Trust { Trust(sites: trust, approvers: approvers, timestamps: timestampTrust) }
}
