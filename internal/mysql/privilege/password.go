package privilege

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // MariaDB's mysql_native_password is made of it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"strconv"
	"strings"
)

// The plugins by which accounts prove a password: the ones that every server of
// the product has, and every client speaks.
const (
	pluginSHA2   = "caching_sha2_password" // MySQL
	pluginNative = "mysql_native_password" // MariaDB
)

// passwordRounds is how often caching_sha2_password hashes, in thousands. It is
// what MySQL 9.7 takes by itself, and what 8.0.24 and later read.
const passwordRounds = 10

// IdentifiedBy returns the clause of CREATE USER and ALTER USER that gives an
// account a password. The clause holds a hash that is computed here: whatever
// the server writes of the statement to its logs, tables of statements and list
// of processes, the password is not in it. Rules of the server for good passwords
// do not see it either.
func IdentifiedBy(product mysql.Product, password string) string {
	if product == mysql.MariaDB {
		return "IDENTIFIED VIA " + pluginNative + " USING '" + nativeHash(password) + "'"
	}
	return "IDENTIFIED WITH " + pluginSHA2 + " AS '" + sha2Hash(password, randomLetters(saltLength), passwordRounds) + "'"
}

// saltLength is how many characters of salt caching_sha2_password stores, hashLength
// how many of the digest follow.
const saltLength, hashLength = 20, 43

// IdentifiedByNobody returns the clause of CREATE USER for an account that nobody is
// to log in as: a hash that is made up, so that there is no password to be known, and
// none for the server to hash, which takes it a millisecond.
func IdentifiedByNobody(product mysql.Product) string {
	if product == mysql.MariaDB {
		var digest [sha1.Size]byte
		_, _ = rand.Read(digest[:]) // never fails
		return "IDENTIFIED VIA " + pluginNative + " USING '*" + strings.ToUpper(hex.EncodeToString(digest[:])) + "'"
	}
	return fmt.Sprintf("IDENTIFIED WITH %s AS '$A$%03X$%s'", pluginSHA2, passwordRounds, randomLetters(saltLength+hashLength))
}

// randomLetters returns letters and digits, evenly enough for a salt, and for what
// no password is behind.
func randomLetters(n int) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	text := make([]byte, n)
	_, _ = rand.Read(text) // never fails
	for i, b := range text {
		text[i] = letters[int(b)%len(letters)]
	}
	return string(text)
}

// A StoredPassword is what a server keeps of an account's password.
type StoredPassword struct {
	Plugin string
	Hash   string
}

// Is says whether it is the given password. The second result is false when the
// account proves itself in a way that cannot be compared.
func (s StoredPassword) Is(password string) (same, compared bool) {
	switch s.Plugin {
	case pluginNative:
		return subtle.ConstantTimeCompare([]byte(strings.ToUpper(s.Hash)), []byte(nativeHash(password))) == 1, true
	case pluginSHA2:
		// $A$<thousands of rounds, hexadecimal>$<20 bytes of salt><43 characters>
		if len(s.Hash) != 70 || !strings.HasPrefix(s.Hash, "$A$") || s.Hash[6] != '$' {
			return false, false
		}
		rounds, err := strconv.ParseUint(s.Hash[3:6], 16, 16)
		if err != nil || rounds == 0 {
			return false, false
		}
		return subtle.ConstantTimeCompare([]byte(s.Hash), []byte(sha2Hash(password, s.Hash[7:27], int(rounds)))) == 1, true
	}
	return false, false
}

// IdentifiedBySame returns the clause of CREATE USER that gives another account
// the same password.
func (s StoredPassword) IdentifiedBySame(product mysql.Product) string {
	if product == mysql.MariaDB {
		return "IDENTIFIED VIA " + mysql.Quote(s.Plugin) + " USING '" + strings.ReplaceAll(s.Hash, "'", "''") + "'"
	}
	clause := "IDENTIFIED WITH " + mysql.Quote(s.Plugin)
	if s.Hash == "" {
		return clause
	}
	return clause + " AS 0x" + hex.EncodeToString([]byte(s.Hash)) // a salt may hold any character
}

// KeepsTwo says whether the account can have a new password beside this one.
func (s StoredPassword) KeepsTwo() bool { return s.Plugin == pluginSHA2 && s.Hash != "" }

// nativeHash is what mysql_native_password stores.
// https://mariadb.com/kb/en/authentication-plugin-mysql_native_password/
func nativeHash(password string) string {
	first := sha1.Sum([]byte(password)) //nolint:gosec // see the import
	second := sha1.Sum(first[:])        //nolint:gosec // see the import
	return "*" + strings.ToUpper(hex.EncodeToString(second[:]))
}

// sha2Hash is what caching_sha2_password stores; rounds are thousands.
func sha2Hash(password, salt string, rounds int) string {
	return fmt.Sprintf("$A$%03X$%s%s", rounds, salt, sha256Crypt([]byte(password), []byte(salt), rounds*1000))
}

// sha256Crypt is the digest of SHA-256 crypt, with a salt of any length.
// https://www.akkadia.org/drepper/SHA-crypt.txt
func sha256Crypt(key, salt []byte, rounds int) string {
	b := sha256.New()
	b.Write(key)
	b.Write(salt)
	b.Write(key)
	alternate := b.Sum(nil)

	a := sha256.New()
	a.Write(key)
	a.Write(salt)
	a.Write(repeated(alternate, len(key)))
	for n := len(key); n > 0; n >>= 1 {
		if n&1 != 0 {
			a.Write(alternate)
		} else {
			a.Write(key)
		}
	}
	digest := a.Sum(nil)

	dp, ds := sha256.New(), sha256.New()
	for range key {
		dp.Write(key)
	}
	for range 16 + int(digest[0]) {
		ds.Write(salt)
	}
	p, s := repeated(dp.Sum(nil), len(key)), repeated(ds.Sum(nil), len(salt))
	for i := range rounds {
		c := sha256.New()
		if i%2 != 0 {
			c.Write(p)
		} else {
			c.Write(digest)
		}
		if i%3 != 0 {
			c.Write(s)
		}
		if i%7 != 0 {
			c.Write(p)
		}
		if i%2 != 0 {
			c.Write(digest)
		} else {
			c.Write(p)
		}
		digest = c.Sum(nil)
	}
	return cryptEncoding(digest)
}

// repeated returns the first n bytes of a text that is repeated.
func repeated(text []byte, n int) []byte {
	out := make([]byte, 0, n+len(text))
	for len(out) < n {
		out = append(out, text...)
	}
	return out[:n]
}

// cryptEncoding writes a digest of 32 bytes as crypt does, three bytes at a time
// in an order of its own.
func cryptEncoding(d []byte) string {
	const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var out strings.Builder
	write := func(value uint, characters int) {
		for range characters {
			out.WriteByte(alphabet[value&63])
			value >>= 6
		}
	}
	for i, x, y, z := 0, 0, 10, 20; i < 10; i, x, y, z = i+1, z+1, x+1, y+1 {
		write(uint(d[x])<<16|uint(d[y])<<8|uint(d[z]), 4)
	}
	write(uint(d[31])<<8|uint(d[30]), 3)
	return out.String()
}
