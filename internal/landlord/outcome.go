package landlord

import (
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	notReached    = "Server cannot be reached"
	lookFirst     = "Whether the last statement took effect is not known: a server ends what it has begun. What was done before is recorded. Run the same again: it looks first, and goes on from there."
	reachedAgain  = "Correct `endpoint`, `username`, `password` or `tls` of the provider, or start the server."
	poolHeld      = "What was done before is recorded: run the same again. If it stays so, raise `max_connections` of that server or lower what runs at a time (`max_parallel` of a fleet, `-parallelism` of Terraform), and report this."
	noConnection  = "Raise %s, end connections there that nobody needs (`SHOW PROCESSLIST`), or lower `max_connections` of the provider, which opens so many to each server, and one more for each of them that runs SQL of templates or customizations. What was done before is recorded: run the same again."
	looksAtServer = "Look at what the server is doing (`SHOW PROCESSLIST`) and at the machine that it runs on."
)

// Outcome returns what to tell people about an error. Where no server had a word
// in it, because the connection broke, no answer came or none was reached, the
// statement is not at fault, whatever was made of the error on its way: the
// Problem says so, with what was attempted. Every other error stays what it is.
func Outcome(err error) error {
	var held *mysql.PoolError
	if errors.As(err, &held) {
		return &Problem{Summary: "No connection to the server became free", Detail: attempted(err, causeOf(err), poolHeld), Err: err}
	}
	var refused *mysql.ConnectError
	if variable := mysql.ConnectionsBehind(err); variable != "" && errors.As(err, &refused) {
		return &Problem{Summary: "Server has no free connection", Detail: attempted(err, Sentence(refused.Error()), fmt.Sprintf(noConnection, variable)), Err: err}
	}
	class, _ := mysql.ClassOf(err)
	switch class {
	case mysql.ClassLost:
		return &Problem{Summary: "Connection to the server was lost", Detail: attempted(err, causeOf(err), lookFirst), Err: err}
	case mysql.ClassSilent:
		return &Problem{Summary: "Server does not answer in time", Detail: attempted(err, causeOf(err), looksAtServer+" "+lookFirst), Err: err}
	case mysql.ClassUnreached:
		if refused == nil && !errors.As(err, &refused) {
			return err
		}
		var p *Problem
		if errors.As(err, &p) && p.Summary == notReached { // which names the server by its key
			return err
		}
		return &Problem{Summary: notReached, Detail: attempted(err, Sentence(refused.Error()), reachedAgain), Err: err}
	default:
		return err
	}
}

// NextStep returns what to do about a statement that a server did not take: what is
// given where the statement is at fault, and else what the class of the error asks for.
func NextStep(err error, atFault string) string {
	const innocent = "The statement is not at fault: "
	switch class, _ := mysql.ClassOf(err); class {
	case mysql.ClassPassing:
		return innocent + "another session held what it needs, or the server had no room for more sessions. Run the same again."
	case mysql.ClassEnded:
		return innocent + "somebody ended it on the server, or a limit of time there did. Run the same again; where a limit did, raise it."
	case mysql.ClassReadOnly:
		return innocent + "the server takes no changes. Let `endpoint` name the one that does, or switch its `read_only` off, and run the same again."
	case mysql.ClassRoom:
		return innocent + "the server has no space or memory left. Make room, or raise the setting that limits it, and run the same again."
	default:
		return atFault
	}
}

// IsStopped says that this process gave its work up, because it was asked to end
// or the time for it was over.
func IsStopped(err error) bool {
	class, _ := mysql.ClassOf(err)
	return class == mysql.ClassStopped
}

// Unreached returns the endpoint of the server that an error says was not reached.
func Unreached(err error) (endpoint string, ok bool) {
	var refused *mysql.ConnectError
	if class, _ := mysql.ClassOf(err); class != mysql.ClassUnreached || !errors.As(err, &refused) {
		return "", false
	}
	return refused.Endpoint, true
}

// attempted puts in front what a problem says was attempted.
func attempted(err error, detail ...string) []string {
	var p *Problem
	if !errors.As(err, &p) || len(p.Detail) < 2 || p.Detail[0] == detail[0] {
		return detail
	}
	return append([]string{p.Detail[0]}, detail...)
}

// causeOf names the cause with what was under way, unless a problem tells that.
func causeOf(err error) string {
	var p *Problem
	if errors.As(err, &p) && p.Err != nil {
		err = p.Err
	}
	return "Cause: " + err.Error() + "."
}
