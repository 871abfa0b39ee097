package mysqltest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// Environment variables that the package reads.
const (
	// ServersVariable holds a JSON list of Address: servers that run already,
	// shared by all test binaries. `testdb run` sets it. Without it every test
	// binary starts the servers it needs.
	ServersVariable = "LANDLORD_TEST_SERVERS"

	// KindsVariable narrows the kinds to test against: names separated by commas.
	KindsVariable = "LANDLORD_TEST_KINDS"
)

// Address says how to reach a running server. It is an element of the list in
// LANDLORD_TEST_SERVERS.
type Address struct {
	Kind     instance.Kind `json:"kind"`
	Endpoint string        `json:"endpoint"` // host:port
	Socket   string        `json:"socket,omitempty"`
	Username string        `json:"username"` // an account with all privileges
	Password string        `json:"password"`
	LogFile  string        `json:"log_file,omitempty"`
}

// AddressOf returns the address of an instance.
func AddressOf(i *instance.Instance) Address {
	return Address{
		Kind: i.Kind, Endpoint: i.Endpoint(), Socket: i.Socket,
		Username: i.Username, Password: i.Password, LogFile: i.LogFile,
	}
}

// pool holds the servers shared by the tests of one process. It is the one
// package variable: the testing package gives tests no other common place.
type pool struct {
	mu      sync.Mutex
	entries map[instance.Kind]*entry
	missing map[instance.Kind]string // why a kind could not be had
}

type entry struct {
	once    sync.Once
	address Address
	running *instance.Instance // nil when somebody else runs it
	err     error
}

var shared = &pool{entries: map[instance.Kind]*entry{}, missing: map[instance.Kind]string{}}

func (p *pool) address(ctx context.Context, kind instance.Kind) (Address, error) {
	p.mu.Lock()
	e := p.entries[kind]
	if e == nil {
		e = &entry{}
		p.entries[kind] = e
	}
	p.mu.Unlock()
	// The server outlives the test that happens to need it first.
	ctx = context.WithoutCancel(ctx)
	e.once.Do(func() {
		e.address, e.running, e.err = acquire(ctx, kind)
		if e.err != nil {
			p.mu.Lock()
			p.missing[kind] = e.err.Error()
			p.mu.Unlock()
		}
	})
	return e.address, e.err
}

// SharedArgs returns the flags of servers that many tests share: more
// connections than the default of 151, and nothing that changes behavior but what
// SetupVariable says and what the documentation asks for beside its account. It
// fails for a setup that is not known.
func SharedArgs() ([]string, error) {
	more, err := setupArgs()
	if err != nil {
		return nil, err
	}
	args := append([]string{"--max-connections=600"}, more...)
	if os.Getenv(AccountVariable) != "" {
		args = append(args, "--log-bin-trust-function-creators=1")
	}
	return args, nil
}

// acquire finds the server in the environment or starts one.
func acquire(ctx context.Context, kind instance.Kind) (Address, *instance.Instance, error) {
	if text := os.Getenv(ServersVariable); text != "" {
		a, err := findAddress(text, kind)
		return a, nil, err
	}
	software, err := instance.Acquire(ctx, kind, os.Stderr)
	if err != nil {
		return Address{}, nil, err
	}
	args, err := SharedArgs()
	if err != nil {
		return Address{}, nil, err
	}
	i, err := instance.Start(ctx, software, instance.Options{Args: args})
	if err != nil {
		return Address{}, nil, err
	}
	return AddressOf(i), i, nil
}

func findAddress(text string, kind instance.Kind) (Address, error) {
	var list []Address
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return Address{}, fmt.Errorf("reading %s: %w", ServersVariable, err)
	}
	for _, a := range list {
		if a.Kind == kind {
			return a, nil
		}
	}
	return Address{}, fmt.Errorf("%s names no server of the kind `%s`", ServersVariable, kind)
}

// wantedKinds returns the kinds that the environment asks for.
func wantedKinds(narrow string) ([]instance.Kind, error) {
	if narrow == "" {
		return instance.Kinds(), nil
	}
	var kinds []instance.Kind
	for name := range strings.SplitSeq(narrow, ",") {
		kind, err := instance.ParseKind(strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", KindsVariable, err)
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, nil
}

// Kinds returns the kinds to test against, for tests that want one subtest per
// product and call On in it.
func Kinds(t testing.TB) []instance.Kind {
	t.Helper()
	kinds, err := wantedKinds(os.Getenv(KindsVariable))
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// OnCI tells whether a missing server is a failure instead of a skip.
func OnCI() bool {
	value := os.Getenv("CI")
	return value != "" && value != "false" && value != "0"
}
