internal import CForest
internal import Shared

/// A random forest from XGBoost: 200 trees, each on 63 % of the rows and with a fifth of the features at each branch.
struct Forest: Sendable {
  let threads: Int
  let seed: UInt32

  /// Loads the library. Call this before entering the sandbox, where the library can't be read.
  ///
  /// - Throws: status 66 if it is not installed.
  static func load() throws(CloisterError) {
    guard cforest_load() == 0 else {
      throw CloisterError(
        .inputMissing, "evaluate needs XGBoost's library: \(failure)", hint: "install Debian's package libxgboost0")
    }
  }

  /// Learns the classes of some rows and predicts those of others.
  ///
  /// - Parameters:
  ///   - labels: the class of each row, counted from 0.
  ///   - mask: the features to use.
  /// - Returns: the probability of every class, for each row of `asked`.
  /// - Throws: status 70 if the library fails.
  func probabilities(
    _ rows: [FeatureBits], _ labels: [Int], classes: Int, asked: [FeatureBits], mask: FeatureBits
  ) throws(CloisterError) -> [[Double]] {
    let known = SparseRows(rows, mask)
    let unknown = SparseRows(asked, mask)
    let width = classes == 2 ? 1 : classes
    var flat = [Float](repeating: 0, count: asked.count * width)
    var settings = cforest_settings(classes: Int32(classes), trees: 200, threads: Int32(threads), seed: seed)
    let status = unsafe known.withRows { known in
      unsafe unknown.withRows { unknown in
        unsafe cforest_run(known, labels.map(Float.init), unknown, &settings, &flat)
      }
    }
    guard status == 0 else {
      throw CloisterError(
        .internalError, "XGBoost failed", hint: "try again with fewer --threads; report the failure if it persists")
    }
    return asked.indices.map { row in
      let part = flat[row * width..<(row + 1) * width].map(Double.init)
      return classes == 2 ? [1 - part[0], part[0]] : part
    }
  }

  private static var failure: String { unsafe String(cString: cforest_failure()) }
}

/// Rows in XGBoost's sparse form, which lists the positions of the ones in each row.
private struct SparseRows {
  private var starts: [Int] = [0]
  private var columns: [UInt32] = []

  init(_ rows: [FeatureBits], _ mask: FeatureBits) {
    for row in rows {
      (row & mask).forEachOne { columns.append(UInt32($0)) }
      starts.append(columns.count)
    }
  }

  func withRows(_ body: (UnsafePointer<cforest_rows>) -> Int32) -> Int32 {
    unsafe starts.withUnsafeBufferPointer { starts in
      unsafe columns.withUnsafeBufferPointer { columns in
        var rows = unsafe cforest_rows(
          starts: starts.baseAddress, columns: columns.baseAddress, rows: starts.count - 1, column_count: 512)
        return unsafe body(&rows)
      }
    }
  }
}
