package template

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// The folders of a template.
const (
	folderCore       = "core"
	folderOptional   = "optional"
	folderSeeds      = "seeds"
	folderMigrations = "migrations"
)

// folders returns the folders of a template in the order in which they are
// explained.
func folders() []string {
	return []string{folderCore, folderOptional, folderSeeds, folderMigrations}
}

// The limits of a template. They keep a wrong directory (a data dump, a build
// folder) from being read into memory and into the landlord database.
const (
	MaxFileSize   = source.MaxTextLength // bytes in one file
	MaxTotalSize  = 16 << 20             // bytes in all files
	MaxFiles      = 1000
	MaxModuleName = 64 // characters, as an object of the server
)

// extension ends the name of every file of a template.
const extension = ".sql"

var (
	filePattern   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+-]*\.sql$`)
	modulePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
)

// place says where in a template a file belongs.
type place struct {
	folder string
	module string // empty outside of modules
	base   string // the last part of the name
}

// placeOf finds the place of a file by its path inside the template.
//
//	core/<file>.sql
//	optional/<module>.sql   or   optional/<module>/<file>.sql
//	seeds/<file>.sql        or   seeds/<module>/<file>.sql
//	migrations/<old version>--<new version>.sql
func placeOf(name string) (place, *Finding) {
	parts := strings.Split(name, "/")
	p := place{folder: parts[0], base: parts[len(parts)-1]}
	if f := checkDepth(name, parts); f != nil {
		return p, f
	}
	if !filePattern.MatchString(p.base) {
		return p, &Finding{
			Severity: SeverityError, File: name, Summary: "File name cannot be used",
			Detail: fmt.Sprintf("`%s` is no name for a file of a template: use letters, digits, `.`, `_`, `+` and `-`, and end it with `.sql`.", p.base),
		}
	}
	switch {
	case len(parts) == 3:
		p.module = parts[1]
	case p.folder == folderOptional:
		p.module = strings.TrimSuffix(p.base, extension)
	}
	if p.module != "" && !modulePattern.MatchString(p.module) {
		return p, &Finding{
			Severity: SeverityError, File: name, Summary: "Module name cannot be used",
			Detail: fmt.Sprintf("`%s` is no module name: it has to start with a lower-case letter, hold lower-case letters, digits, `_` and `-` only, and have at most %d characters.", p.module, MaxModuleName),
		}
	}
	return p, nil
}

// checkDepth says whether a path has as many folders as its layer allows.
func checkDepth(name string, parts []string) *Finding {
	deepest := map[string]int{folderCore: 2, folderOptional: 3, folderSeeds: 3, folderMigrations: 2}[parts[0]]
	switch {
	case deepest == 0 && len(parts) == 1:
		return &Finding{
			Severity: SeverityError, File: name, Summary: "File outside the layers",
			Detail: "SQL belongs into one of the folders " + join(folders()) + ".",
		}
	case deepest == 0:
		return unknownFolder(parts[0])
	case len(parts) > deepest:
		return folderTooDeep(strings.Join(parts[:len(parts)-1], "/"), parts[0])
	}
	return nil
}

// unknownFolder is the finding for a folder that is no layer.
func unknownFolder(name string) *Finding {
	detail := "The folders of a template are " + join(folders()) + "."
	if near := nearest(name, folders()); near != "" {
		detail += " Did you mean `" + near + "`?"
	} else {
		detail += " Move what does not belong to the template out of its directory."
	}
	return &Finding{Severity: SeverityError, File: name, Summary: "Folder is no layer of a template", Detail: detail}
}

// folderTooDeep is the finding for a folder inside a layer that holds none.
func folderTooDeep(name, layer string) *Finding {
	detail := "Folder `" + layer + "` holds files only."
	if layer == folderOptional || layer == folderSeeds {
		detail = "Folder `" + layer + "` holds files, and one folder a module with files only."
	}
	return &Finding{Severity: SeverityError, File: name, Summary: "Folder too deep in a template", Detail: detail + " Move the files up."}
}

// newFile checks the text of a file and brings it into its one form: no byte
// order mark, lines ended by a line feed, so that a checkout on another system
// has the same checksum.
func newFile(name, text string) (File, *Finding) {
	fault := func(offset int, summary, detail string) (File, *Finding) {
		before := text[:offset]
		return File{}, &Finding{
			Severity: SeverityError, File: name,
			Line: strings.Count(before, "\n") + 1, Column: offset - strings.LastIndexByte(before, '\n'),
			Summary: summary, Detail: detail,
		}
	}
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return fault(0, "File is not UTF-8", "The file is UTF-16. Save it as UTF-8.")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if at := invalidUTF8(text); at >= 0 {
		return fault(at, "File is not UTF-8", fmt.Sprintf("Byte 0x%02x is not UTF-8. Save the file as UTF-8.", text[at]))
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return fault(at, "File holds a NUL character", "A server ends a statement at a NUL character. Remove it; in binary data write it as `\\0` or in hexadecimal.")
	}
	return File{Name: name, SQL: strings.ReplaceAll(text, "\r\n", "\n")}, nil
}

func tooLarge(name string) *Finding {
	return &Finding{
		Severity: SeverityError, File: name, Summary: "File too large for a template",
		Detail: fmt.Sprintf("A file of a template has at most %d MiB. A template holds structure and a few seeds; load data by other means.", MaxFileSize>>20),
	}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, -1 when
// there is none.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
