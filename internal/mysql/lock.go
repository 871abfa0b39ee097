package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// maxLockName is the longest lock name: MySQL refuses a longer one, and
// MariaDB's answer to it is NULL.
const maxLockName = 64

// LockName builds the name of a lock: readable parts and a hash that keeps
// apart what the readable form does not. It is the same on both products:
// MariaDB compares lock names with case, MySQL without, so it is lower case.
// A server's locks are shared by all its databases and accounts.
func LockName(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	hash := hex.EncodeToString(sum[:8])
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(parts, ":")) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-', r == '.', r == ':':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	readable := b.String()
	if limit := maxLockName - len(hash) - 1; len(readable) > limit {
		readable = readable[:limit]
	}
	return readable + "#" + hash
}

// A LockHeldError says that a named lock was not free in time, and who holds
// it as far as the account may see.
type LockHeldError struct {
	Name   string
	Wait   time.Duration // how long it was waited for
	Holder *Connection   // nil when the holder was gone by the time it was asked for
}

func (e *LockHeldError) Error() string {
	if e.Holder == nil {
		return fmt.Sprintf("the lock `%s` was not free within %s", e.Name, seconds(e.Wait))
	}
	return fmt.Sprintf("the lock `%s` was not free within %s: it is held by %s", e.Name, seconds(e.Wait), e.Holder)
}

// Lock takes a named lock on this session, waiting in whole seconds; zero does
// not wait. The error is a *LockHeldError when somebody else has it. The lock
// lives as long as the connection: whoever comes after a run that died waits
// until the server has finished the statement that was under way. It is not
// replicated.
func (x *Session) Lock(ctx context.Context, name string, wait time.Duration) error {
	return x.lock(ctx, "SELECT GET_LOCK(?, ?)", name, wait)
}

// LockToWrite takes a named lock as Lock does, and says in the same statement
// whether the server is read-only, as ReadOnly does.
func (x *Session) LockToWrite(ctx context.Context, name string, wait time.Duration) (readOnly bool, err error) {
	var value string
	if err = x.lock(ctx, "SELECT GET_LOCK(?, ?), @@global.read_only", name, wait, &value); err != nil {
		return isOn(value), err
	}
	return x.said(value)
}

// LockFreeToWrite takes those of several named locks that are free, without
// waiting, and says in the same statement whether the server is read-only, as
// ReadOnly does. It returns whether each was taken, in their order.
func (x *Session) LockFreeToWrite(ctx context.Context, names ...string) (taken []bool, readOnly bool, err error) {
	query, args := "SELECT @@global.read_only"+strings.Repeat(", GET_LOCK(?, 0)", len(names)), make([]any, len(names))
	var value string
	got, dest := make([]sql.NullInt64, len(names)), []any{&value}
	for i, name := range names {
		args[i] = name
		dest = append(dest, &got[i])
	}
	if err := x.Row(Impatient(ctx), query, args...).Scan(dest...); err != nil {
		return nil, false, fmt.Errorf("take %d locks: %w", len(names), err)
	}
	taken = make([]bool, len(names))
	for i, name := range names {
		if taken[i] = got[i].Int64 == 1; taken[i] {
			x.locks[name]++
		}
	}
	readOnly, err = x.said(value)
	return taken, readOnly, err
}

func (x *Session) lock(ctx context.Context, query, name string, wait time.Duration, more ...any) error {
	patience := 0
	if wait > 0 {
		patience = wholeSeconds(wait)
	}
	// The limit of a statement is not meant for waiting, which has its own.
	waiting := x.handle
	waiting.limit += time.Duration(patience) * time.Second
	var got sql.NullInt64
	if err := waiting.Row(Impatient(ctx), query, name, patience).Scan(append([]any{&got}, more...)...); err != nil {
		return fmt.Errorf("take the lock `%s`: %w", name, err)
	}
	switch {
	case !got.Valid:
		return fmt.Errorf("take the lock `%s`: the server could not say whether it is free", name)
	case got.Int64 == 1:
		x.locks[name]++
		return nil
	}
	holder, err := x.lockHolder(ctx, name)
	if err != nil {
		return fmt.Errorf("ask who holds the lock `%s`: %w", name, err)
	}
	return &LockHeldError{Name: name, Wait: wait, Holder: holder}
}

// IsLocked says whether somebody holds a named lock, the asking session included.
func IsLocked(ctx context.Context, q Queryer, name string) (bool, error) {
	var id sql.Null[uint64]
	err := q.Row(Impatient(ctx), "SELECT IS_USED_LOCK(?)", name).Scan(&id)
	return id.Valid, err
}

func (x *Session) lockHolder(ctx context.Context, name string) (*Connection, error) {
	ctx = Impatient(ctx)
	var id sql.Null[uint64]
	if err := x.Row(ctx, "SELECT IS_USED_LOCK(?)", name).Scan(&id); err != nil || !id.Valid {
		return nil, err
	}
	info, err := x.server.infoOn(ctx, x)
	if err != nil {
		return nil, err
	}
	holder, err := FindConnection(ctx, x, info, id.V)
	if errors.Is(err, sql.ErrNoRows) {
		// Gone meanwhile, or of another account and not to be seen.
		return &Connection{ID: id.V}, nil
	}
	return holder, err
}

// Unlock releases a lock that this session took.
func (x *Session) Unlock(ctx context.Context, name string) error {
	ctx = Impatient(ctx)
	var released sql.NullInt64
	if err := x.Row(ctx, "SELECT RELEASE_LOCK(?)", name).Scan(&released); err != nil {
		return fmt.Errorf("release the lock `%s`: %w", name, err)
	}
	if x.locks[name]--; x.locks[name] <= 0 {
		delete(x.locks, name)
	}
	if released.Int64 != 1 {
		return fmt.Errorf("release the lock `%s`: this session did not hold it", name)
	}
	return nil
}
