package checkpoint_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// What the tests of all parts have in common, under short names.
var (
	open           = checkpointtest.Open
	infoOf         = checkpointtest.InfoOf
	createDatabase = checkpointtest.CreateDatabase
	take           = checkpointtest.Take
	load           = checkpointtest.Load
	setUp          = checkpointtest.SetUp
	mustEqual      = checkpointtest.MustEqual
	useSession     = checkpointtest.UseSession
	run            = checkpointtest.Run
	everyType      = checkpointtest.EveryType
	sameTypes      = checkpointtest.SameTypes
)
