package privilege

import (
	"context"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"regexp"
	"strings"
)

// passwordLiteral finds what SHOW CREATE USER and SHOW GRANTS say of a password.
var passwordLiteral = regexp.MustCompile(`(?:AS|PASSWORD|USING) ('[^']*'|0x[0-9A-Fa-f]+)`)

// CopyAccount makes an account of one server on another one of the same product,
// as it is there: its password (but for a former one that is still valid), its
// requirements and locks, and what was granted to it. The name is quoted. made says
// that the account was made, with an error too where a right could not be granted.
func CopyAccount(ctx context.Context, from, to *mysql.Session, info mysql.Info, account string) (made bool, err error) {
	if info.Product == mysql.MySQL { // else bytes of a hash may be none of a text
		if _, err := from.Exec(ctx, "SET SESSION print_identified_with_as_hex = ON"); err != nil {
			return false, fmt.Errorf("read the account %s: %w", account, err)
		}
		from.Taint()
	}
	var create string
	if err := from.Row(ctx, "SHOW CREATE USER "+account).Scan(&create); err != nil {
		return false, fmt.Errorf("read the account %s: %w", account, err)
	}
	statements := []string{create}
	err = mysql.EachRow(ctx, from, "SHOW GRANTS FOR "+account, func(row []string) error {
		statements = append(statements, row[0])
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("read the rights of the account %s: %w", account, err)
	}
	for _, sql := range statements {
		ctx := ctx
		for _, secret := range passwordLiteral.FindAllStringSubmatch(sql, -1) {
			ctx = mysql.WithSecrets(ctx, strings.Trim(secret[1], "'"))
		}
		if _, err := to.Exec(ctx, sql); err != nil {
			return made || mysql.IsUnanswered(err), fmt.Errorf("make the account %s on `%s`: %w", account, to.Server().Endpoint(), err)
		}
		made = true
	}
	return made, nil
}
