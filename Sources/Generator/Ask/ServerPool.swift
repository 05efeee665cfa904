/// Several servers with the same model, used side by side: the next request goes to the one with the fewest in flight, of
/// those that do not rest.
actor ServerPool {
  private var servers: [Server]

  private struct Server {
    let address: String
    var inFlight = 0
    /// No request goes to it before.
    var restsUntil = ContinuousClock.now
  }

  init(_ addresses: [String]) { servers = addresses.map { Server(address: $0) } }

  /// A server for one request, after a wait where all of them rest.
  func take() async throws -> String {
    while true {
      let now = ContinuousClock.now
      let ready = servers.indices.filter { servers[$0].restsUntil <= now }
      if let least = ready.min(by: { servers[$0].inFlight < servers[$1].inFlight }) {
        servers[least].inFlight += 1
        return servers[least].address
      }
      let first = servers.map(\.restsUntil).min() ?? now
      try await Task.sleep(until: first, clock: .continuous)
    }
  }

  /// - Parameter rest: how long the server asked to be left alone.
  func giveBack(_ address: String, rest: Duration? = nil) {
    guard let place = servers.firstIndex(where: { $0.address == address }) else { return }
    servers[place].inFlight -= 1
    if let rest { servers[place].restsUntil = max(servers[place].restsUntil, ContinuousClock.now + rest) }
  }
}
