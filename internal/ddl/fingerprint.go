package ddl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"math/bits"
	"slices"
)

// fingerprintFormat is in front of every fingerprint. Fingerprints are stored
// and compared for years: whatever changes what is hashed, or how, changes it.
const fingerprintFormat = "v1:"

// objectHashLength is how much of a hash is kept of one object, in bytes: 96
// bits, so that 10,000 databases fit into memory.
const objectHashLength = 12

// Fingerprint tells whether the schema of a database is the same as another,
// and which objects differ.
type Fingerprint struct {
	// Whole is the fingerprint of the database: a format, a colon and 64
	// hexadecimal digits.
	Whole string `json:"whole"`
	// Objects are short hashes by kind and name (`table users`); the database
	// itself, with its character set and collation, is `database`.
	Objects map[string]string `json:"objects"`
}

// FingerprintOf returns the fingerprint of a database with these objects, by
// kind and name, as in Fingerprint.Objects. The map is kept.
func FingerprintOf(objects map[string]string) Fingerprint {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		writeField(h, []byte(key))
		writeField(h, []byte(objects[key]))
	}
	return Fingerprint{Whole: fingerprintFormat + hex.EncodeToString(h.Sum(nil)), Objects: objects}
}

// Hasher makes fingerprints of many databases from what a server says about
// their structure. The order in which facts are added does not count. It is
// not safe for concurrent use.
type Hasher struct {
	product   Product
	databases map[string]map[string]*sum
	texts     map[string]string // equal texts share their memory
	keys      map[objectName]string
	row       hash.Hash
	buffer    []byte
}

type objectName struct{ kind, object string }

// sum is the sum of the hashes of the facts about one object, modulo 2^256: it
// does not depend on their order, and two equal facts do not cancel out.
type sum struct {
	words [4]uint64
	count uint64
}

// NewHasher returns a Hasher for the databases of one server. The fingerprints
// of different products never agree.
func NewHasher(product Product) *Hasher {
	return &Hasher{
		product: product, databases: map[string]map[string]*sum{}, texts: map[string]string{}, keys: map[objectName]string{},
		row: sha256.New(), buffer: make([]byte, 0, sha256.Size),
	}
}

// Add takes one fact about an object: the values of one row of a part (source)
// of the information schema. A nil value is NULL, which differs from an empty
// one. The values are not kept.
func (h *Hasher) Add(database, kind, object, source string, values [][]byte) {
	objects := h.databases[database]
	if objects == nil {
		objects = map[string]*sum{}
		h.databases[database] = objects
	}
	key := h.key(kind, object)
	s := objects[key]
	if s == nil {
		s = &sum{}
		objects[key] = s
	}
	h.row.Reset()
	writeField(h.row, []byte(source))
	for _, v := range values {
		writeField(h.row, v)
	}
	h.buffer = h.row.Sum(h.buffer[:0])
	s.add(h.buffer)
}

// Fingerprints returns the fingerprints of all databases of which a fact was
// added. Equal ones share their objects.
func (h *Hasher) Fingerprints() map[string]Fingerprint {
	out := make(map[string]Fingerprint, len(h.databases))
	equal := map[string]Fingerprint{} // most tenants have the schema of many others
	for database, sums := range h.databases {
		objects := make(map[string]string, len(sums))
		for key, s := range sums {
			objects[key] = h.shared(s.short(h.product))
		}
		f := FingerprintOf(objects)
		if first, ok := equal[f.Whole]; ok {
			f = first
		}
		equal[f.Whole] = f
		out[database] = f
	}
	return out
}

// key names an object, with one string for all databases.
func (h *Hasher) key(kind, object string) string {
	name := objectName{kind, object}
	key, ok := h.keys[name]
	if !ok {
		key = kind
		if object != "" {
			key += " " + object
		}
		h.keys[name] = key
	}
	return key
}

func (h *Hasher) shared(text string) string {
	if have, ok := h.texts[text]; ok {
		return have
	}
	h.texts[text] = text
	return text
}

func (s *sum) add(digest []byte) {
	var carry uint64
	for i := range s.words {
		s.words[i], carry = bits.Add64(s.words[i], binary.LittleEndian.Uint64(digest[8*i:]), carry)
	}
	s.count++
}

// short returns the hash of the object.
func (s *sum) short(product Product) string {
	h := sha256.New()
	writeField(h, []byte(product))
	var b [8]byte
	for _, w := range append(s.words[:], s.count) {
		binary.LittleEndian.PutUint64(b[:], w)
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:objectHashLength])
}

// writeField writes a value with its length in front, so that no two rows of
// values give the same bytes.
func writeField(h hash.Hash, value []byte) {
	var b [binary.MaxVarintLen64]byte
	if value == nil {
		h.Write(b[:1])
		return
	}
	h.Write(b[:binary.PutUvarint(b[:], uint64(len(value))+1)])
	h.Write(value)
}
