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

/// A laboratory value of a stay.
struct MeasuredValue: Sendable {
  let value: LabValue
  /// The place of its specimen among the stay's specimens, from 0.
  let specimen: Int
  let time: Date
}

extension Stay {
  /// The stay's drugs, with times within the stay.
  var prescribed: [PrescribedDrug] {
    var random = random(for: .drugTimes)
    return (draft.codes[.drug] ?? []).enumerated().map { rank, drug in
      PrescribedDrug(rank: rank, name: drug, order: draft.orders[drug] ?? .unknown, times: part(&random))
    }
  }

  /// The stay's laboratory values. A further value of the same item comes from a later specimen.
  var laboratory: [MeasuredValue] {
    var random = random(for: .laboratoryValues)
    var specimens: [String: Int] = [:]
    return (draft.codes[.lab] ?? []).map { category in
      let value = LabValue(category, &random)
      let specimen = specimens[value.item, default: 0]
      specimens[value.item] = specimen + 1
      return MeasuredValue(value: value, specimen: specimen, time: moment(specimen, of: 20))
    }
  }
}
