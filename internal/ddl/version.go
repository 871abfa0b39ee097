package ddl

import (
	"fmt"
	"slices"
)

// AtLeast says whether the server is of the product and of the version
// major.minor or a later one. A version that begins with no number is earlier
// than every other.
func (s Server) AtLeast(product Product, major, minor int) bool {
	n, known := s.Numbers()
	return known && s.Product == product && slices.Compare(n[:], []int{major, minor, 0}) >= 0
}

// Numbers returns the numbers that the version begins with, those that are
// missing as 0, and whether there is any.
func (s Server) Numbers() (n [3]int, known bool) {
	found, _ := fmt.Sscanf(s.Version, "%d.%d.%d", &n[0], &n[1], &n[2])
	return n, found > 0
}
