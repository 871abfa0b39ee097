package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCopyData_stopped says what stopped a copy, and goes on when that is cured.
func TestCopyData_stopped(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	_, target := twoTenants(t, s, engineOn(t, s))
	const doing = "\nCopying rows of tenant `from` into tenant `into`.\n\n"
	const anew = "What was copied so far stays in the target, and the next apply goes on from there. If you change what is to be copied it begins anew; `on_conflict = \"skip\"` then passes over what is there."
	steps := []struct{ table, harm, cure, want string }{
		{
			table: "customers", harm: "ALTER TABLE customers MODIFY phone VARCHAR(1)", cure: "ALTER TABLE customers MODIFY phone VARCHAR(32)",
			want: "Copied value does not fit [tables]" + doing +
				"Table `customers` has values in column `phone` that do not fit, in the row `id` = 1: it is varchar(32) in the source and varchar(1) in the target: values longer than 1 characters do not fit.\n\n" +
				"Change the value or the column, or leave such rows out with `where`. " + anew,
		},
		{
			table: "customers", cure: "DROP TRIGGER louder",
			harm: "CREATE TRIGGER louder BEFORE INSERT ON customers FOR EACH ROW SET NEW.phone = IF(NEW.id = 4, CONCAT(NEW.phone, '!'), NEW.phone)",
			want: "Copied rows came out otherwise [tables]" + doing +
				"The row `id` = 4 of table `customers` came out otherwise in the target than in the source, in `phone`; a trigger of the target may have changed what was inserted.\n\n" +
				"Look at the triggers of the target. What was copied so far is kept and recorded: the next apply goes on from there.",
		},
		{
			table: "orders", harm: "DELETE FROM customers WHERE id = 5", cure: "INSERT INTO customers (id, email) VALUES (5, 'c5@example.com')",
			want: "Copied row refers to a missing row [tables]" + doing +
				"Cannot add or update a child row: a foreign key constraint fails (`" + target.DatabaseName + "`.`orders`, CONSTRAINT `fk_orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)).\n\n" +
				"Copy the other table, too, let `where` choose the rows that belong together, or leave such rows out. " + anew,
		},
	}
	into := s.Open(t, s.Username, s.Password, target.DatabaseName)
	do := func(statement string) {
		t.Helper()
		if _, err := into.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range steps {
		spec := wholeShop(func(c *landlord.DataCopySpec) { c.Tables, c.ChunkRows = []string{step.table}, 2 })
		do("DELETE FROM orders")
		if step.table == "customers" {
			do("DELETE FROM customers")
			s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_data_copies SET request = ''") // so that the same is made again
		}
		do(step.harm)
		_, err := engineOn(t, s).CopyData(t.Context(), spec)
		wantProblem(t, err, step.want)
		do(step.cure)
		if made, err := engineOn(t, s).CopyData(t.Context(), spec); err != nil || made.Rows != 5 {
			t.Errorf("%s: after the cure: %+v, %v", step.harm, made, err)
		}
	}
}
