internal import Shared

/// How many admissions have each code, by profile. An admission's profile is its combination of categories of all the
/// single-valued attributes that matter for tables with codes. These counts never leave the hospital: the attack uses
/// them to find other hospitals with the same published counts.
struct CodeProfiles: Sendable {
  let attributes: [Attribute]
  /// The categories of each attribute; profiles refer to them by number.
  let categories: [[String]]
  /// For each profile, the number of its category on each attribute.
  let profiles: [[UInt32]]
  /// For each profile, its number of admissions.
  let admissions: [Int]
  let codes: [Attribute: ProfiledCodes]
}

/// The profiles of the admissions with each code of one attribute.
struct ProfiledCodes: Sendable {
  let names: [String]
  /// Where each code's entries begin, followed by where the last ones end.
  let starts: [Int]
  let profiles: [UInt32]
  /// The number of admissions of each entry; nil if each entry is one admission.
  let admissions: [UInt32]?

  /// Calls `body` with the entries of a code; a profile may occur several times.
  @inline(__always)
  func forEach(of code: Int, _ body: (_ profile: Int, _ admissions: Int) -> Void) {
    for entry in starts[code]..<starts[code + 1] {
      body(Int(profiles[entry]), admissions.map { Int($0[entry]) } ?? 1)
    }
  }
}

extension CodeProfiles {
  /// For each attribute, the categories that some profile has.
  var occurring: [Attribute: Set<String>] {
    Dictionary(
      uniqueKeysWithValues: attributes.enumerated().map { axis, attribute in
        (attribute, Set(Set(profiles.map { $0[axis] }).map { categories[axis][Int($0)] }))
      })
  }
}

extension CodeProfiles {
  init(_ attributes: [Attribute], _ codes: [Attribute], _ records: HospitalRecords, threads: Int) {
    let axes = attributes.map { TableAxis($0, records) }
    var numbering = ProfileNumbering(axes: axes.count)
    let profiles = (0..<records.admissionCount).map { admission in
      numbering.number { axes[$0].ids(admission).first ?? 0 }
    }
    var admissions = [Int](repeating: 0, count: numbering.profiles.count)
    for profile in profiles { admissions[Int(profile)] += 1 }
    let columns = sideBySide(codes.count, threads: threads) { number in
      let axis = TableAxis(codes[number], records)
      let postings = Postings(axis, admissionCount: records.admissionCount)
      return ProfiledCodes(
        names: axis.names, starts: postings.starts, profiles: postings.admissions.map { profiles[Int($0)] },
        admissions: nil)
    }
    self.init(
      attributes: attributes, categories: axes.map(\.names), profiles: numbering.profiles, admissions: admissions,
      codes: Dictionary(uniqueKeysWithValues: zip(codes, columns)))
  }
}

extension CodeProfiles {
  /// The profiles that tables and joint counts give.
  ///
  /// - Returns: nil if the policy needs none.
  /// - Throws: status 65 if the counts contradict each other.
  init?(
    _ policy: Policy, _ tables: [TalliedTable], _ joints: [JointCounts], admissions: Int
  ) throws(CloisterError) {
    guard let (stay, codes) = policy.profiles(tables.map(\.request)) else { return nil }
    func counts(_ attributes: [Attribute]) -> JointCounts? {
      let wanted = Set(attributes)
      return joints.first { Set($0.attributes) == wanted }
        ?? tables.first { Set($0.request.attributes) == wanted }.map(JointCounts.init)
    }
    guard let stays = stay.isEmpty ? JointCounts(admissions) : counts(stay) else { return nil }
    var numbering = ProfileNumbering(axes: stay.count)
    var sizes: [Int] = []
    stays.forEach(by: stay) { key, admissions in
      _ = numbering.number { key[$0] }
      sizes.append(admissions)
    }
    var profiled: [Attribute: ProfiledCodes] = [:]
    for code in codes {
      guard let joint = counts(stay + [code]), let axis = joint.attributes.firstIndex(of: code) else { return nil }
      let found = ProfiledCodes(joint, stay + [code], names: joint.categories[axis], &numbering)
      guard found.fit(sizes) else {
        throw CloisterError(
          .inputRefused,
          "the counts of \(PublishedTable.name(of: stay + [code])) and of \(PublishedTable.name(of: stay)) contradict "
            + "each other",
          hint: "rerun the whole file of queries; the database changed between two of them, or a result was changed")
      }
      profiled[code] = found
    }
    self.init(
      attributes: stay, categories: stay.map { stays.names($0) }, profiles: numbering.profiles, admissions: sizes,
      codes: profiled)
  }
}

extension ProfiledCodes {
  /// - Parameter attributes: those of the profiles, then the code's.
  fileprivate init(
    _ joint: JointCounts, _ attributes: [Attribute], names: [String], _ numbering: inout ProfileNumbering
  ) {
    var starts = [Int](repeating: 0, count: names.count + 1)
    joint.forEach(by: attributes) { key, _ in starts[Int(key[attributes.count - 1]) + 1] += 1 }
    for code in names.indices { starts[code + 1] += starts[code] }
    var profiles = [UInt32](repeating: 0, count: starts[names.count])
    var admissions = profiles
    var next = starts
    joint.forEach(by: attributes) { key, count in
      let code = Int(key[attributes.count - 1])
      profiles[next[code]] = numbering.number { key[$0] }
      admissions[next[code]] = UInt32(count)
      next[code] += 1
    }
    self.init(names: names, starts: starts, profiles: profiles, admissions: admissions)
  }

  /// Whether no code has more admissions in a profile than there are.
  fileprivate func fit(_ sizes: [Int]) -> Bool {
    zip(profiles, admissions ?? []).allSatisfy { Int($0) < sizes.count && Int($1) <= sizes[Int($0)] }
  }
}

extension JointCounts {
  /// The counts of a table.
  fileprivate init(_ table: TalliedTable) {
    self.init(attributes: table.request.attributes, categories: table.categories)
    for cell in table.cells { append(attributes.indices.map { cell.ids[$0] }, cell.admissions) }
  }

  /// The number of all admissions.
  fileprivate init(_ admissions: Int) {
    self.init(attributes: [])
    append([], admissions)
  }

  fileprivate func names(_ attribute: Attribute) -> [String] {
    attributes.firstIndex(of: attribute).map { categories[$0] } ?? []
  }

  /// Calls `body` with each cell's categories in the order of some attributes.
  fileprivate func forEach(by attributes: [Attribute], _ body: (_ key: [UInt32], _ admissions: Int) -> Void) {
    let axes = attributes.map { self.attributes.firstIndex(of: $0) ?? 0 }
    forEach { key, admissions in body(axes.map { key[key.startIndex + $0] }, admissions) }
  }
}

/// Numbers the combinations of categories that occur.
struct ProfileNumbering {
  private(set) var profiles: [[UInt32]] = []
  private let axes: Int
  /// For each axis, the numbers of the combinations of the categories up to this axis.
  private var numbers: [[UInt64: UInt32]]

  init(axes: Int) {
    self.axes = axes
    numbers = Array(repeating: [:], count: max(1, axes))
  }

  /// - Parameter category: the number of the category on an axis.
  mutating func number(_ category: (_ axis: Int) -> UInt32) -> UInt32 {
    var number: UInt32 = 0
    for axis in numbers.indices {
      let key = UInt64(number) << 32 | UInt64(axis < axes ? category(axis) : 0)
      if let known = numbers[axis][key] {
        number = known
      } else {
        let next = UInt32(numbers[axis].count)
        numbers[axis][key] = next
        if axis == numbers.count - 1 { profiles.append((0..<axes).map(category)) }
        number = next
      }
    }
    return number
  }
}

extension Policy {
  /// The attributes of a profile, and the code attributes that profiles are counted for; nil if the attack needs none.
  func profiles(_ requests: [TableRequest]) -> (attributes: [Attribute], codes: [Attribute])? {
    guard protection.noise == nil else { return nil }
    let withCodes = requests.map(\.attributes).filter { $0.contains(where: \.isMultiValued) }
    if withCodes.isEmpty { return nil }
    let all = Set(withCodes.joined())
    let codes = Attribute.allCases.filter { $0.isMultiValued && all.contains($0) }
    // Where bands are counted alone, only their totals bound codes.
    let bands = Set(requests.map(\.attributes).filter { $0.count > 1 }.joined())
      .intersection(codes.compactMap(\.countBand))
    let stay = all.union(bands)
    return (Attribute.allCases.filter { !$0.isMultiValued && stay.contains($0) }, codes)
  }
}
