import Synthesis
import Foundation
let t = Date(); trial(Int(CommandLine.arguments[1])!); print(Date().timeIntervalSince(t))
