package dashboard

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Role says what a visitor may do; each may do what the ones before it may.
type Role int

// The roles: viewers look, approvers decide on migrations, operators take
// checkpoints and restore beside tenants too.
const (
	Viewer Role = iota + 1
	Approver
	Operator
)

var roleNames = map[Role]string{Viewer: "viewer", Approver: "approver", Operator: "operator"} //nolint:gochecknoglobals // a table

// String returns the name of the role as the file of users has it.
func (r Role) String() string { return roleNames[r] }

// ParseRole returns the role of a name.
func ParseRole(name string) (Role, error) {
	for role, known := range roleNames {
		if known == name {
			return role, nil
		}
	}
	return 0, fmt.Errorf("the role `%s` is none of viewer, approver and operator", name)
}

// User is a person who may come in.
type User struct {
	Name string
	Role Role
	hash []byte
}

var userName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`)

// minPassword is the least length of a password, in bytes; bcrypt takes 72.
const (
	minPassword = 12
	maxPassword = 72
)

// NewUserLine returns the line of the file of users for a person: the name, the
// role and the bcrypt hash of the password, with `:` between them.
func NewUserLine(name string, role Role, password string) (string, error) {
	if !userName.MatchString(name) {
		return "", fmt.Errorf("the name `%s` has to hold letters, digits and `._@+-` only, at most 64", name)
	}
	if len(password) < minPassword || len(password) > maxPassword {
		return "", fmt.Errorf("a password has %d to %d bytes", minPassword, maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}
	return name + ":" + role.String() + ":" + string(hash), nil
}

// ReadUsers reads a file of users: one line each, as NewUserLine writes it; empty
// lines and those that begin with `#` count for nothing. Errors name the line and
// never what stands in it.
func ReadUsers(from io.Reader) (map[string]User, error) {
	users := map[string]User{}
	lines := bufio.NewScanner(from)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 || !userName.MatchString(parts[0]) {
			return nil, fmt.Errorf("line %d of the users is not `name:role:bcrypt hash`", number)
		}
		role, err := ParseRole(parts[1])
		if err != nil {
			return nil, fmt.Errorf("line %d of the users: %w", number, err)
		}
		if cost, err := bcrypt.Cost([]byte(parts[2])); err != nil || cost < bcrypt.DefaultCost {
			return nil, fmt.Errorf("line %d of the users has no bcrypt hash of cost %d or more", number, bcrypt.DefaultCost)
		}
		if _, twice := users[parts[0]]; twice {
			return nil, fmt.Errorf("line %d of the users names `%s` once more", number, parts[0])
		}
		users[parts[0]] = User{Name: parts[0], Role: role, hash: []byte(parts[2])}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the users: %w", err)
	}
	if len(users) == 0 {
		return nil, fmt.Errorf("the file of users names nobody")
	}
	return users, nil
}

// nobody is compared with where a name is not known, so that an answer takes as
// long for a name that is there as for one that is not.
var nobody = []byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5B0a3i8N3wGmS1L3S0yX8qHh0mH2e") //nolint:gochecknoglobals // a constant

// check says whether a password is that of the user of a name.
func check(users map[string]User, name, password string) (User, bool) {
	user, known := users[name]
	hash := user.hash
	if !known {
		hash = nobody
	}
	err := bcrypt.CompareHashAndPassword(hash, []byte(password))
	return user, known && err == nil
}
