package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A RefusedError says that a server does not take a part of a checkpoint.
type RefusedError struct {
	// Settings are those of the server that may be at fault.
	Settings []mysql.Setting
	// Taken and Version are those of the servers of the checkpoint and of the load;
	// empty when they are the same, or cannot be why.
	Taken, Version string
	Err            error // what could not be made or loaded, and why
}

// Error names what was refused, why, and the settings.
func (e *RefusedError) Error() string {
	text := strings.TrimSuffix(e.Err.Error(), ".")
	for _, s := range e.Settings {
		text += "; " + s.String()
	}
	if len(e.Settings) == 0 && e.Version != "" {
		text += fmt.Sprintf("; the checkpoint was taken from version %s, and the server has %s", e.Taken, e.Version)
	}
	return text
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// Advice is what to do about an error of [Take], [Load] or [Verify]: sentences, and
// none when the error does not tell.
func Advice(err error) string {
	var refused *RefusedError
	var large *TooLargeError
	switch {
	case errors.As(err, &large):
		return fmt.Sprintf("Set `max_allowed_packet` of the server to %d at least.", large.Bytes)
	case !errors.As(err, &refused):
		return ""
	case len(refused.Settings) == 0 && refused.Version != "":
		return fmt.Sprintf("Use a server of version %s.", refused.Taken)
	}
	remedies := make([]string, len(refused.Settings))
	for i, s := range refused.Settings {
		remedies[i] = s.Remedy + "."
	}
	return strings.Join(remedies, " ")
}

// explain makes an error of a load one that is told with its object, and with the
// settings of the server that may be behind it. The version may be only where the server refuses a statement: a disk that is full, a lock,
// a right or an end that somebody put to a statement have nothing to do with it.
func (l *loading) explain(ctx context.Context, err error) error {
	var long *tooLongError
	var folded *foldedError
	ours := errors.As(err, &long) || errors.As(err, &folded)
	class, _ := mysql.ClassOf(err)
	if class == mysql.ClassOther && !ours || mysql.IsUnanswered(err) {
		return err
	}
	refused := &RefusedError{Err: err}
	if class == mysql.ClassStatement && l.info.Version != l.manifest.Version {
		refused.Taken, refused.Version = l.manifest.Version, l.info.Version
	}
	here := l.settingsHere(ctx)
	switch {
	case long != nil:
		refused.Settings = mysql.PacketBehind(here, l.manifest.Settings)
	case folded != nil:
		refused.Settings = mysql.NamesBehind(here, l.manifest.Settings)
	default:
		refused.Settings = mysql.SettingsBehind(err, here, l.manifest.Settings)
	}
	return refused
}

// settingsHere asks for the settings over a session that can be asked.
func (l *loading) settingsHere(ctx context.Context) map[string]string {
	for _, x := range l.group.Sessions {
		if x.Poisoned() {
			continue
		}
		if here, err := mysql.Settings(ctx, x); err == nil {
			return here
		}
	}
	return nil // the error is worth more than they are
}

// A tooLongError says that a statement is longer than what the server takes.
type tooLongError struct {
	object string
	length int
}

func (e *tooLongError) Error() string {
	return fmt.Sprintf("create the %s: its statement has %d bytes", e.object, e.length)
}

// A foldedError says that a server keeps a name in lower case.
type foldedError struct{ object string }

func (e *foldedError) Error() string {
	return fmt.Sprintf("create the %s: the server keeps the names of tables in lower case", e.object)
}

// checkNames refuses names that the server would keep otherwise.
func (l *loading) checkNames() error {
	if l.info.LowerCaseTableNames != 1 {
		return nil
	}
	for _, o := range l.schema.Objects {
		stored := o.Kind == ddl.KindTable || o.Kind == ddl.KindSequence || o.Kind == ddl.KindView && !l.req.TablesOnly
		if stored && o.Name != strings.ToLower(o.Name) {
			return &foldedError{object: objectName(o.Kind, o.Name)}
		}
	}
	return nil
}

// objectName is how errors name an object.
func objectName(kind ddl.Kind, name string) string { return fmt.Sprintf("%s `%s`", kind, name) }

// create makes an object, with the length of its statement looked at: the server
// would end the connection.
func (l *loading) create(ctx context.Context, x *mysql.Session, st script.Statement) error {
	if int64(len(st.SQL)) >= l.packet {
		return &tooLongError{object: objectName(st.Kind, st.Name), length: len(st.SQL)}
	}
	return st.Run(ctx, x)
}
