// One import is enough: what the umbrella's functions take and return is declared in these modules.
@_exported import Checker
@_exported import Diagnostics
@_exported import Explorer
@_exported import Litmus
@_exported import Machine
@_exported import Report
