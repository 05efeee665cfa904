import Shared
import Testing

@Suite struct CodeGroupsTests {
  @Test(arguments: [
    ("4280", Attribute.mainDiagnosis, ["428*", "390-459*"]), ("0389", .diagnosis, ["038*", "001-139*"]),
    ("E8788", .diagnosis, ["E878*", "E000-E999*"]), ("V5861", .diagnosis, ["V58*", "V01-V91*"]),
    ("9:4280", .mainDiagnosis, ["9:428*", "9:390-459*"]), ("10:I509", .mainDiagnosis, ["10:I50*", "10:I00-I99*"]),
    ("10:C9200", .diagnosis, ["10:C92*", "10:C00-D49*"]), ("10:D500", .diagnosis, ["10:D50*", "10:D50-D89*"]),
    ("10:H6001", .diagnosis, ["10:H60*", "10:H60-H95*"]), ("10:Z992", .diagnosis, ["10:Z99*", "10:Z00-Z99*"]),
    ("3615", .procedure, ["36*", "35-39*"]), ("10:0BH17EZ", .procedure, ["10:0BH*", "10:0*"]),
    ("99291", .cpt, ["99202-99499*"]), ("31500", .cpt, ["10004-69990*"]), ("0001F", .cpt, ["0001F-9007F*"]),
    ("Aspirin EC", .drug, ["Antiplatelet drugs*"]),
    ("*NF* Ertapenem Sodium", .drug, ["Other antibacterials*"]),
    ("Lidocaine-Prilocaine", .drug, ["Local anaesthetics*"]),
    ("Spironolactone", .drug, ["Diuretics*"]), ("Orthopedic Solution", .drug, []),
    ("50912:abnormal", .lab, ["50912:*"]),
  ])
  func aCodeHasItsGroups(_ code: String, _ attribute: Attribute, _ groups: [String]) {
    #expect(CodeGroups.groups(of: code, attribute) == groups)
    for group in groups { #expect(CodeGroups.isGroup(group, attribute)) }
    #expect(!CodeGroups.isGroup(code, attribute))
  }

  @Test func aDrugsNameIsNoGroup() {
    #expect(!CodeGroups.isGroup("Nicotine Patch*", .drug))
    #expect(CodeGroups.isGroup("other", .drug))
  }

  /// Each class can come first, and its parts mean the same as a regular expression.
  @Test func everyDrugClassIsReached() {
    for (name, parts) in DrugClasses.all {
      #expect(parts.contains { DrugClasses.group(of: $0.uppercased()) == DrugClasses.group(name) }, "\(name)")
      for part in parts {
        #expect(part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || " -/".contains($0)) }, "\(part)")
      }
    }
  }
}
