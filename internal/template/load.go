package template

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// LoadDirectory reads the files of a template from a directory. Symbolic links
// and everything else that is no regular file are refused: a published version
// never changes, so it holds its files itself. Names that begin with a dot and
// Markdown files are left alone. The error is a *LoadError.
func LoadDirectory(dir string) (Sources, error) {
	c := collector{source: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.fail(dir, "Template directory does not exist", "There is no directory `"+dir+"`. Relative paths start where Terraform runs; begin with `${path.module}/` to start beside the configuration.")
	case err != nil:
		c.failIO(dir, err)
	case !info.IsDir():
		c.fail(dir, "Template source is no directory", "`"+dir+"` is a file. Name the directory that holds the folders "+join(folders())+".")
	default:
		c.readRoot(dir)
	}
	return c.sources()
}

// LoadInline takes the files of a template from maps of file names to SQL, one
// map a folder. The names are those that the files would have inside the
// folder, for example `001_users.sql` or `audit/001_tables.sql`; the `.sql` may
// be left out. The error is a *LoadError.
func LoadInline(core, optional, seeds, migrations map[string]string) (Sources, error) {
	var c collector
	layers := []map[string]string{core, optional, seeds, migrations}
	for i, folder := range folders() {
		names := make([]string, 0, len(layers[i]))
		for name := range layers[i] {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			full := folder + "/" + name
			if !strings.HasSuffix(name, extension) {
				full += extension
			}
			c.add(full, layers[i][name])
		}
	}
	return c.sources()
}

// Inline returns the files of a template as the maps that LoadInline takes, with
// whole names; a map without files is nil.
func (t Template) Inline() (core, optional, seeds, migrations map[string]string) {
	layers := map[string]map[string]string{}
	for name, text := range t.texts() {
		folder, rest, _ := strings.Cut(name, "/")
		if layers[folder] == nil {
			layers[folder] = map[string]string{}
		}
		layers[folder][rest] = text
	}
	return layers[folderCore], layers[folderOptional], layers[folderSeeds], layers[folderMigrations]
}

// collector gathers files and what is wrong with them.
type collector struct {
	source   string
	files    []File
	size     int
	full     bool // a limit was passed and said
	findings []Finding
}

func (c *collector) fail(name, summary, detail string) {
	c.findings = append(c.findings, Finding{Severity: SeverityError, File: name, Summary: summary, Detail: detail})
}

// failIO reports an error of the operating system. The path stands in the
// finding already.
func (c *collector) failIO(name string, err error) {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	c.fail(name, "File cannot be read", fmt.Sprintf("Reading `%s`: %v.", name, err))
}

// add checks name and text of a file and keeps it.
func (c *collector) add(name, text string) {
	if _, finding := placeOf(name); finding != nil {
		c.findings = append(c.findings, *finding)
		return
	}
	if len(text) > MaxFileSize { // before anything is made of it
		c.findings = append(c.findings, *tooLarge(name))
		return
	}
	if slices.ContainsFunc(c.files, func(f File) bool { return f.Name == name }) {
		c.fail(name, "File given twice", "`"+name+"` stands there with and without `.sql`: keep one of the two.")
		return
	}
	c.size += len(text)
	if c.full || c.tooMuch() {
		return
	}
	file, finding := newFile(name, text)
	if finding != nil {
		c.findings = append(c.findings, *finding)
		return
	}
	c.files = append(c.files, file)
}

// tooMuch says, once, that the template has passed a limit.
func (c *collector) tooMuch() bool {
	switch {
	case c.size > MaxTotalSize:
		c.fail("", "Template too large", fmt.Sprintf("The files of a template have at most %d MiB in all. A template holds structure and a few seeds; load data by other means.", MaxTotalSize>>20))
	case len(c.files) >= MaxFiles:
		c.fail("", "Template with too many files", fmt.Sprintf("A template has at most %d files. Join files that belong together.", MaxFiles))
	default:
		return false
	}
	c.full = true
	return true
}

// readRoot reads the folders of a template.
func (c *collector) readRoot(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		c.failIO(dir, err)
		return
	}
	defer func() { _ = root.Close() }()
	for _, e := range c.list(root, ".") {
		if isIgnored(e.Name()) {
			continue
		}
		switch {
		case e.IsDir() && slices.Contains(folders(), e.Name()):
			c.readFolder(root, e.Name())
		case e.IsDir():
			c.findings = append(c.findings, *unknownFolder(e.Name()))
		case slices.Contains(folders(), e.Name()):
			c.fail(e.Name(), "Layer is no folder", "`"+e.Name()+"` "+kindOf(e.Type())+". Make it a folder with files.")
		case strings.HasSuffix(e.Name(), extension):
			_, finding := placeOf(e.Name())
			c.findings = append(c.findings, *finding)
		default: // LICENSE, Makefile: what people keep beside the layers
		}
	}
}

// readFolder reads the files of a layer or module.
func (c *collector) readFolder(root *os.Root, folder string) {
	for _, e := range c.list(root, folder) {
		name := path.Join(folder, e.Name())
		switch {
		case isIgnored(e.Name()):
		case e.IsDir() && checkDepth(name+"/x", strings.Split(name+"/x", "/")) != nil:
			layer, _, _ := strings.Cut(folder, "/")
			c.findings = append(c.findings, *folderTooDeep(name, layer))
		case e.IsDir():
			c.readFolder(root, name)
		case !e.Type().IsRegular():
			c.fail(name, "Not a regular file", "`"+name+"` "+kindOf(e.Type())+". A published version never changes, so a template holds its files itself: put a regular file there.")
		case c.full:
		default:
			c.readFile(root, name)
		}
	}
}

// list returns the entries of a folder in name order.
func (c *collector) list(root *os.Root, folder string) []fs.DirEntry {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		c.failIO(folder, err)
	}
	return entries
}

// readFile reads a regular file, at most as much as a file may hold.
func (c *collector) readFile(root *os.Root, name string) {
	if _, finding := placeOf(name); finding != nil {
		c.findings = append(c.findings, *finding)
		return
	}
	f, err := root.Open(name)
	if err != nil {
		c.failIO(name, err)
		return
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > MaxFileSize {
		c.findings = append(c.findings, *tooLarge(name))
		return
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1)) // it may grow
	if err != nil {
		c.failIO(name, err)
		return
	}
	c.add(name, string(text))
}

// isIgnored says whether a name belongs to tools or readers, not to the
// template.
func isIgnored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(strings.ToLower(name), ".md")
}

// kindOf says what a file that is not regular is.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "is a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "is a named pipe"
	case mode&fs.ModeSocket != 0:
		return "is a socket"
	case mode&fs.ModeDevice != 0:
		return "is a device"
	}
	return "is a file"
}
