import Diagnostics

/// Ptero's own headers, embedded in the program.
enum ShippedHeaders {
    /// The content by path.
    static var contents: [(path: String, bytes: [UInt8])] {
        [
            ("ptero.h", PackageResources.ptero_h),
            ("linux/pgtable-6.1.h", PackageResources.pgtable_6_1_h),
            ("linux/pgtable-6.12.h", PackageResources.pgtable_6_12_h),
            ("linux/pgtable-common.h", PackageResources.pgtable_common_h),
            ("kernel-pre.h", PackageResources.kernel_pre_h),
            ("kernel-post.h", PackageResources.kernel_post_h),
            ("kernel-test.h", PackageResources.kernel_test_h),
            ("kernel-services.h", PackageResources.kernel_services_h),
            ("kernel-shootdown.h", PackageResources.kernel_shootdown_h),
            ("services.h", PackageResources.services_h),
            ("service-names.h", PackageResources.service_names_h),
        ]
    }

    /// Writes all of them below a folder.
    static func write(to directory: ScratchDirectory) throws(Diagnostic) {
        try directory.makeFolder("linux")
        for (path, bytes) in contents { try directory.write(bytes, to: directory.path + "/" + path) }
    }
}
