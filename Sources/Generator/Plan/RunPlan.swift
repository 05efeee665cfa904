internal import Shared

/// Everything that the sampler settles for all admissions of a run together, before the model is asked. The counts of
/// the whole run then match the bundle's; independent draws would match them only on average.
///
/// The single-valued attributes are drawn from a joint model of the tables without codes, then codes for each main
/// diagnosis. Exchanges between admissions then bring the run closer to all tables at once.
struct RunPlan: Sendable {
  private let population: Population
  private let seed: UInt64

  /// - Parameters:
  ///   - sampler: knows the categories that the statistics withhold, too.
  ///   - order: attributes in the order in which the chain settles them.
  ///   - seed: the run's seed.
  init(_ admissions: Int, _ statistics: Statistics, _ sampler: Sampler, order: [Attribute], seed: UInt64) {
    self.seed = seed
    let guessed = statistics.withWithheldCategories()
    let fitted = fittedTables(guessed, sampler)
    let pool = JointPool(
      guessed, sampler, fitted, size: min(100_000, max(1000, 8 * admissions)), order: order)
    var random = SeededRandom(seed: seed, .plan)
    let start = random.unit()
    // The positions are spread evenly over the pool, in a random order.
    let shares = (0..<admissions).shuffled(using: &random).map { (Double($0) + start) / Double(admissions) }
    let (columns, values) = pool.drawn(at: shares)
    let profiles = Profiles(columns, values, admissions)
    let planned = Attribute.allCases.filter { $0.isMultiValued && sampler.knows($0) }.map { attribute in
      (attribute, PlannedCodes(attribute, profiles, statistics, sampler, seed: seed))
    }
    let population = Population(admissions, columns, values: values, planned, seed: seed)
    let counts = CellCounts(population, statistics, fitted, named: sampler.mainCounts.values.reduce(0, +))
    self.population = MeetTables.exchanged(population, counts, seed: seed)
  }

  /// The admission's single-valued attributes.
  func categories(_ number: Int) -> Draft {
    var draft = Draft(number: number)
    for (place, column) in population.columns.enumerated() {
      let value = population.value(place, number)
      if value >= 0 { draft.categories[column.attribute] = column.names[value] }
    }
    return draft
  }

  /// The whole admission as the sampler settles it, with groups and further codes that have no name yet.
  func draft(_ number: Int) -> Draft {
    var draft = categories(number)
    for own in population.codes {
      var random = SeededRandom(seed: seed ^ textHash(own.attribute.rawValue), .codeOrder, of: number)
      let codes = own.slots(of: number).map { population.slots[$0] }.filter { $0 > 0 }.sorted()
      draft.codes[own.attribute] = codes.map { own.names[Int($0)] }.shuffled(using: &random)
    }
    return draft
  }
}

/// The categories of each admission that determine its codes.
struct Profiles: Sendable {
  /// The profile of each admission, as an index into `drafts`.
  let of: [Int32]
  /// The distinct profiles, each as a draft with the single-valued attributes settled.
  private(set) var drafts: [Draft] = []

  init(_ columns: [Population.Column], _ values: [Int32], _ admissions: Int) {
    let deciding = columns.indices.filter { Self.deciding.contains(columns[$0].attribute) }
    var numbers: [[Int32]: Int32] = [:]
    var of: [Int32] = []
    of.reserveCapacity(admissions)
    for number in 0..<admissions {
      let key = deciding.map { values[$0 * admissions + number] }
      let known = numbers[key] ?? Int32(numbers.count)
      if Int(known) == drafts.count {
        numbers[key] = known
        var draft = Draft(number: number)
        for (column, value) in zip(deciding, key) where value >= 0 {
          draft.categories[columns[column].attribute] = columns[column].names[Int(value)]
        }
        drafts.append(draft)
      }
      of.append(known)
    }
    self.of = of
  }

  static let deciding: [Attribute] = [
    .mainDiagnosis, .gender, .ageBand, .diedInHospital, .diagnosisCountBand, .procedureCountBand, .drugCountBand,
  ]
}

/// One attribute's codes for all admissions. Each code goes to as many admissions of each main diagnosis as its share
/// says, rounded to a whole number. Systematic sampling with unequal probabilities (Madow 1949) chooses the admissions;
/// an admission's probability is higher if it has many codes or if the code is more common with its sex, age or death.
struct PlannedCodes: Sendable {
  let names: [String]
  private let starts: [Int32]
  private let chosen: [UInt32]

  /// An admission's codes, as indices into `names`, in the order of the plan.
  @inline(__always)
  func numbers(_ number: Int) -> ArraySlice<UInt32> { chosen[Int(starts[number])..<Int(starts[number + 1])] }

  init(_ attribute: Attribute, _ profiles: Profiles, _ statistics: Statistics, _ sampler: Sampler, seed: UInt64) {
    let own = seed ^ textHash(attribute.rawValue)
    // For each profile, the main diagnosis whose list it draws from; "" for the overall list.
    let sources = profiles.drafts.map { draft in
      let main = draft.categories[.mainDiagnosis] ?? ""
      return sampler.knows(attribute, of: main) ? main : ""
    }
    var groups: [String: [Int32]] = [:]
    for (number, profile) in profiles.of.enumerated() {
      groups[sources[Int(profile)], default: []].append(Int32(number))
    }
    let lists = groups.keys.inByteOrder().compactMap { source in
      sampler.codeList(attribute, source).map {
        (source: source, list: $0, group: CodeWeights.Group(groups[source] ?? [], profiles))
      }
    }
    let names = Set(lists.flatMap(\.list.codes)).inByteOrder()
    self.names = names
    let numbers = Dictionary(uniqueKeysWithValues: zip(names, 0...))
    let weights = CodeWeights(attribute, profiles, statistics, sampler)
    // A code's remainder after rounding in one group carries over to the next group.
    var carried = names.map { SeededRandom.unit(own, textHash($0)) }
    var pairs: [(number: Int32, code: UInt32)] = []
    for (source, list, group) in lists {
      for place in list.codes.indices {
        let code = numbers[list.codes[place]] ?? 0
        carried[code] += list.shares[place] * Double(group.members.count)
        let wanted = Int(carried[code])
        carried[code] -= Double(wanted)
        if wanted == 0 { continue }
        var random = SeededRandom(seed: own, stream: textHash(source), textHash(list.codes[place]))
        let fitting = weights.fitting(group, list.codes[place], list.limits[place])
        for number in systematic(wanted, of: fitting.members, fitting.weights, &random) {
          pairs.append((number, UInt32(code)))
        }
      }
    }
    var starts = [Int32](repeating: 0, count: profiles.of.count + 1)
    for pair in pairs { starts[Int(pair.number) + 1] += 1 }
    for number in profiles.of.indices { starts[number + 1] += starts[number] }
    var next = starts
    var chosen = [UInt32](repeating: 0, count: pairs.count)
    for pair in pairs {
      chosen[Int(next[Int(pair.number)])] = pair.code
      next[Int(pair.number)] += 1
    }
    self.starts = starts
    self.chosen = chosen
  }
}

/// Chooses `wanted` members, each at most once and with a probability in proportion to its weight.
func systematic(
  _ wanted: Int, of members: [Int32], _ weights: [Double], _ random: inout SeededRandom
) -> [Int32] {
  if wanted >= members.count { return members }
  var order = Array(members.indices)
  order.shuffle(using: &random)
  // A member that would be chosen more than once is chosen exactly once, and the others share the rest.
  var scale = 0.0
  var certain = 0
  var sum = weights.reduce(0, +)
  for _ in 0..<8 {
    guard sum > 0 else { break }
    scale = Double(wanted - certain) / sum
    let over = weights.indices.filter { weights[$0] * scale >= 1 }
    guard over.count > certain else { break }
    certain = over.count
    sum = weights.indices.reduce(0) { $0 + (weights[$1] * scale >= 1 ? 0 : weights[$1]) }
  }
  var chosen: [Int32] = []
  var position = random.unit()
  for place in order {
    position += min(1, weights[place] * scale)
    if position >= 1 {
      position -= 1
      chosen.append(members[place])
    }
  }
  return chosen
}
