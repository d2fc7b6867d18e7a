// See Names in Package.swift.
