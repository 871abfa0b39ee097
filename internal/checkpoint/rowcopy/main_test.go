package rowcopy_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// What the tests of all parts have in common, under short names.
var (
	open       = checkpointtest.Open
	infoOf     = checkpointtest.InfoOf
	useSession = checkpointtest.UseSession
	run        = checkpointtest.Run
	typeCases  = checkpointtest.TypeCases
)

type typeCase = checkpointtest.TypeCase
