// Package attribute has what the schemas of several resources share: attributes
// with their values, timeouts, and the validators of what people write.
//
// What one resource has alone stands beside that resource. The package knows none
// of them, and no engine that runs.
package attribute
