package catalog_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }
