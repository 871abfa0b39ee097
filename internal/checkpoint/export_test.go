package checkpoint

// WithSizes sets how large the parts of a table and the files with rows become.
func (r Request) WithSizes(part, file int64) Request {
	r.sizes = sizes{part: part, file: file}
	return r
}
