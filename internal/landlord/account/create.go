package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// Create makes accounts without any rights, with one statement, and returns
// their passwords in the same order. No statement holds a password, so no log,
// history or process list does: MySQL makes them up itself, MariaDB is told a
// hash. An account that exists is an error.
func Create(ctx context.Context, x *mysql.Session, info mysql.Info, names ...Name) ([]string, error) {
	create := createOnMySQL
	if info.Product == mysql.MariaDB {
		create = createOnMariaDB
	}
	passwords, err := create(ctx, x, names)
	if err != nil {
		return nil, fmt.Errorf("create the account %s: %w", names[0], err)
	}
	return passwords, nil
}

// createLocked makes accounts without any rights that nobody can log in as, with one
// statement. An account that exists is an error.
func createLocked(ctx context.Context, x *mysql.Session, info mysql.Info, names ...Name) error {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n.String() + " " + privilege.IdentifiedByNobody(info.Product)
	}
	_, err := x.Exec(ctx, "CREATE USER "+strings.Join(parts, ", ")+" ACCOUNT LOCK")
	return err
}

func createOnMySQL(ctx context.Context, x *mysql.Session, names []Name) (passwords []string, err error) {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n.String() + " IDENTIFIED BY RANDOM PASSWORD"
	}
	rows, err := x.Query(ctx, "CREATE USER "+strings.Join(parts, ", ")+" PASSWORD REQUIRE CURRENT") // see checkSet
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var user, host, password string
		var factor int
		if err := rows.Scan(&user, &host, &password, &factor); err != nil {
			return nil, err
		}
		if len(passwords) == len(names) || user != names[len(passwords)].User {
			return nil, fmt.Errorf("the server told the password of `%s`, which was not asked for", user)
		}
		passwords = append(passwords, password)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(passwords) != len(names) {
		return nil, errors.New("the server told no password")
	}
	return passwords, nil
}

func createOnMariaDB(ctx context.Context, x *mysql.Session, names []Name) ([]string, error) {
	parts, passwords := make([]string, len(names)), make([]string, len(names))
	for i, n := range names {
		passwords[i] = rand.Text()
		parts[i] = n.String() + " " + privilege.IdentifiedBy(mysql.MariaDB, passwords[i])
	}
	if _, err := x.Exec(ctx, "CREATE USER "+strings.Join(parts, ", ")); err != nil {
		return nil, err
	}
	return passwords, nil
}

// Drop drops accounts, with one statement. Those that are gone are no error.
func Drop(ctx context.Context, x *mysql.Session, names ...Name) error {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n.String()
	}
	if _, err := x.Exec(ctx, "DROP USER IF EXISTS "+strings.Join(parts, ", ")); err != nil {
		return fmt.Errorf("drop the account %s: %w", names[0], err)
	}
	return nil
}

// changePassword gives an account another password and returns it; an empty one
// when the account is gone.
func changePassword(ctx context.Context, x *mysql.Session, info mysql.Info, n Name) (password string, err error) {
	doing := fmt.Sprintf("change the password of the account %s", n)
	if info.Product == mysql.MariaDB {
		password = rand.Text()
		_, err = x.Exec(ctx, "ALTER USER IF EXISTS "+n.String()+" "+privilege.IdentifiedBy(info.Product, password))
		if err != nil {
			return "", fmt.Errorf("%s: %w", doing, err)
		}
		return password, nil
	}
	rows, err := x.Query(ctx, "ALTER USER IF EXISTS "+n.String()+" IDENTIFIED BY RANDOM PASSWORD")
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() { // none when the account is gone
		var user, host string
		var factor int
		if err := rows.Scan(&user, &host, &password, &factor); err != nil {
			return "", fmt.Errorf("%s: %w", doing, err)
		}
	}
	return password, rows.Err()
}
