internal import Synchronization

/// Several servers with the same model, used side by side. The next request goes to the server with the fewest requests
/// in flight, among those that are not resting.
final class ServerPool: Sendable {
  private let servers: Mutex<[Server]>

  private struct Server {
    let address: String
    var inFlight = 0
    /// The server gets no request before this time.
    var restsUntil = ContinuousClock.now
  }

  init(_ addresses: [String]) { servers = Mutex(addresses.map { Server(address: $0) }) }

  /// Takes a server for one request; waits if all of them are resting.
  func take() async throws -> String {
    enum Choice {
      case server(String)
      case rest(ContinuousClock.Instant)
    }
    while true {
      let choice = servers.withLock { servers -> Choice in
        let now = ContinuousClock.now
        let ready = servers.indices.filter { servers[$0].restsUntil <= now }
        guard let least = ready.min(by: { servers[$0].inFlight < servers[$1].inFlight }) else {
          return .rest(servers.map(\.restsUntil).min() ?? now)
        }
        servers[least].inFlight += 1
        return .server(servers[least].address)
      }
      switch choice {
      case .server(let address): return address
      case .rest(let end): try await Task.sleep(until: end, clock: .continuous)
      }
    }
  }

  /// - Parameter rest: how long the server should get no new requests; nil if it need not rest.
  func giveBack(_ address: String, rest: Duration? = nil) {
    servers.withLock { servers in
      guard let place = servers.firstIndex(where: { $0.address == address }) else { return }
      servers[place].inFlight -= 1
      if let rest { servers[place].restsUntil = max(servers[place].restsUntil, ContinuousClock.now + rest) }
    }
  }
}
