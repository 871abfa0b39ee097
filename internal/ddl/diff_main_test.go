package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }
