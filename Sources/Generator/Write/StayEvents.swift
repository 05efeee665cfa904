internal import Foundation
internal import Shared

/// A drug of a stay.
struct PrescribedDrug: Sendable {
  /// The place among the stay's drugs, from 0.
  let rank: Int
  let name: String
  let order: DrugOrder
  /// When it starts and stops.
  let times: [Date]
}

extension Stay {
  /// The stay's drugs, with times within the stay.
  var prescribed: [PrescribedDrug] {
    var random = random(for: .drugTimes)
    return (draft.codes[.drug] ?? []).enumerated().map { rank, drug in
      PrescribedDrug(rank: rank, name: drug, order: draft.orders[drug] ?? .unknown, times: part(&random))
    }
  }

  /// The stay's laboratory values, and when they were taken.
  var laboratory: (values: [LabValue], time: Date) {
    var random = random(for: .laboratoryValues)
    return ((draft.codes[.lab] ?? []).map { LabValue($0, &random) }, moment(0, of: 10))
  }
}
