internal import Glibc
internal import Shared

/// The secret that opens a key file: at most 1,023 bytes at a fixed place in memory, overwritten when the value is
/// destroyed. It never comes from an argument or the environment.
@safe struct Passphrase: ~Copyable {
  private let memory: UnsafeMutablePointer<CChar>
  private(set) var count = 0

  private static let capacity = 1024

  private init() {
    unsafe memory = .allocate(capacity: Self.capacity)
    unsafe memory.initialize(repeating: 0, count: Self.capacity)
  }

  deinit {
    unsafe explicit_bzero(memory, Self.capacity)
    unsafe memory.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  /// Gives `body` the passphrase's bytes, followed by a zero byte, for OpenSSL.
  func withText<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> Result {
    unsafe body(memory)
  }

  func equals(_ other: borrowing Passphrase) -> Bool {
    unsafe count == other.count && strcmp(memory, other.memory) == 0
  }

  /// No passphrase: the key file is not encrypted.
  static func none() -> Passphrase { Passphrase() }

  /// Reads the first line from an open file descriptor.
  static func read(fromDescriptor descriptor: Int32) throws(CloisterError) -> Passphrase {
    var passphrase = Passphrase()
    var byte: UInt8 = 0
    while passphrase.count + 1 < capacity {
      let got = unsafe Glibc.read(descriptor, &byte, 1)
      if got < 0 && errno == EINTR { continue }
      if got <= 0 || byte == UInt8(ascii: "\n") { break }
      guard byte != 0 else {
        throw CloisterError(
          .policyOrKeyWrong, "the passphrase from file descriptor \(descriptor) holds a zero byte",
          hint: "use a passphrase of text")
      }
      unsafe passphrase.memory[passphrase.count] = CChar(bitPattern: byte)
      passphrase.count += 1
    }
    byte = 0
    guard !passphrase.isEmpty else {
      throw CloisterError(
        .policyOrKeyWrong, "no passphrase came from file descriptor \(descriptor)",
        hint: "give it as one line: cloister-extractor … --passphrase-fd 3 3< file")
    }
    return passphrase
  }

  /// Asks at the terminal, without showing what is typed.
  static func ask(_ prompt: String) throws(CloisterError) -> Passphrase {
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else {
      throw CloisterError(
        .policyOrKeyWrong, "a passphrase is needed, and there is no terminal to ask for it",
        hint: "give it with --passphrase-fd, or make a key without one for a trial: keygen --no-passphrase")
    }
    defer { close(terminal) }
    var settings = termios()
    let isShowing = unsafe tcgetattr(terminal, &settings) == 0
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    if isShowing { unsafe tcsetattr(terminal, TCSAFLUSH, &silent) }
    defer {
      if isShowing { unsafe tcsetattr(terminal, TCSAFLUSH, &settings) }
      _ = unsafe write(terminal, "\n", 1)
    }
    _ = unsafe write(terminal, prompt, prompt.utf8.count)
    return try read(fromDescriptor: terminal)
  }
}
