internal import Dispatch
internal import Shared
internal import Synchronization

/// Another source's bytes, read ahead on a thread of its own, so that inflating and parsing overlap.
final class PrefetchedSource: ByteSource {
  private let ring: Ring
  private var chunk: [UInt8] = []
  private var position = 0

  /// - Parameter make: makes the source on the thread that reads it.
  init(_ make: @escaping @Sendable () throws(CloisterError) -> any ByteSource) {
    ring = Ring()
    DispatchQueue(label: "cloister.prefetch").async { [ring] in ring.fill(make) }
  }

  deinit { ring.abandon() }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    if position == chunk.count {
      chunk = try ring.take()
      position = 0
    }
    let count = min(end - offset, chunk.count - position)
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe chunk.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
      }
    }
    position += count
    return count
  }
}

/// A few chunks between the thread that reads and the one that parses.
private final class Ring: Sendable {
  private let chunks = Mutex<[Result<[UInt8], CloisterError>]>([])
  private let isAbandoned = Atomic<Bool>(false)
  private let filled = DispatchSemaphore(value: 0)
  private let free = DispatchSemaphore(value: 0)

  private static let chunkSize = 1 << 20

  init() { for _ in 0..<4 { free.signal() } }

  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    free.signal()
  }

  /// The next chunk; empty at the end, and from then on.
  func take() throws(CloisterError) -> [UInt8] {
    filled.wait()
    let next = chunks.withLock { $0.removeFirst() }
    free.signal()
    if case .success(let bytes) = next, !bytes.isEmpty { return bytes }
    put(next)
    return try next.get()
  }

  func fill(_ make: () throws(CloisterError) -> any ByteSource) {
    do throws(CloisterError) {
      let source = try make()
      while true {
        free.wait()
        if isAbandoned.load(ordering: .acquiring) { return }
        var bytes = [UInt8](repeating: 0, count: Self.chunkSize)
        let count = try source.read(into: &bytes, from: 0, to: bytes.count)
        bytes.removeLast(bytes.count - count)
        put(.success(bytes))
        if count == 0 { return }
      }
    } catch { put(.failure(error)) }
  }

  private func put(_ chunk: Result<[UInt8], CloisterError>) {
    chunks.withLock { $0.append(chunk) }
    filled.signal()
  }
}
