/// The version of both programs, as manifests and run folders record it.
package let cloisterVersion = "0.1.0"
