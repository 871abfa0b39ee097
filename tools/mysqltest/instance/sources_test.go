package instance

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindArchive(t *testing.T) {
	t.Parallel()
	const embedded = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
`
	cases := map[string]struct {
		files    map[string]string // below etc
		keyrings []string          // below share
		override string
		want     archive
		wantErr  error
	}{
		"one-line format": {
			files: map[string]string{"sources.list": `# comment
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/debian-archive-keyring.gpg] http://mirror.example/debian bookworm main contrib # end
deb http://mirror.example/debian-security bookworm-security main
`},
			want: archive{uri: "http://mirror.example/debian", signedBy: "/keys/debian-archive-keyring.gpg"},
		},
		"deb822 format": {
			files: map[string]string{"sources.list.d/debian.sources": `Types: deb deb-src
# a comment inside a stanza
URIs: http://mirror.example/debian
Suites: trixie
 trixie-updates
Components: main
Signed-By: /keys/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main
Signed-By: /keys/debian-archive-keyring.gpg
`},
			want: archive{uri: "http://mirror.example/debian", signedBy: "/keys/debian-archive-keyring.gpg"},
		},
		"embedded key": {
			files: map[string]string{"sources.list.d/debian.sources": embedded},
			want: archive{
				uri:      "http://mirror.example/debian",
				signedBy: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nmQINBF\n-----END PGP PUBLIC KEY BLOCK-----",
			},
		},
		"the keyring of all releases goes first": {
			files:    map[string]string{"sources.list.d/debian.sources": embedded},
			keyrings: []string{"debian-archive-keyring.pgp"},
			want:     archive{uri: "http://mirror.example/debian", signedBy: "SHARE/debian-archive-keyring.pgp"},
		},
		"vendors with the same suite and component": {
			files: map[string]string{
				"sources.list.d/a.list": "deb [signed-by=/keys/vendor.gpg] http://vendor.example/repo/debian bookworm main\n",
				"sources.list.d/b.list": "deb [signed-by=/keys/other.gpg] http://other.example/debian bookworm stable\n",
				"sources.list.d/c.sources": `Types: deb
URIs: mirror+file:/etc/apt/mirrors/debian.list
Suites: bookworm bookworm-updates bookworm-backports
Components: main
`,
			},
			keyrings: []string{"debian-archive-keyring.gpg"},
			want:     archive{uri: "mirror+file:/etc/apt/mirrors/debian.list", signedBy: "SHARE/debian-archive-keyring.gpg"},
		},
		"disabled entries and other files": {
			files: map[string]string{
				"sources.list.d/a.sources":      "Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\n",
				"sources.list.d/b.list.save":    "deb http://saved.example/debian trixie main\n",
				"sources.list.d/c.sources.dist": "Types: deb\nURIs: http://dist.example/debian\nSuites: trixie\nComponents: main\n",
			},
			keyrings: []string{"debian-archive-keyring.gpg"},
			wantErr:  ErrNoMirror,
		},
		"ubuntu": {
			files: map[string]string{"sources.list.d/ubuntu.sources": `Types: deb
URIs: http://mirror.example/ubuntu
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`},
			keyrings: []string{"debian-archive-keyring.gpg"},
			wantErr:  ErrNoMirror,
		},
		"ubuntu with a mirror named": {
			override: "http://mirror.example/debian",
			keyrings: []string{"debian-archive-keyring.gpg"},
			want:     archive{uri: "http://mirror.example/debian", signedBy: "SHARE/debian-archive-keyring.gpg"},
		},
		"ubuntu with a mirror named and no keyring": {
			override: "http://mirror.example/debian",
			wantErr:  ErrNoKeyring,
		},
		"nothing": {wantErr: ErrNoMirror},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			etc, share := t.TempDir(), t.TempDir()
			for path, text := range tc.files {
				writeTestFile(t, filepath.Join(etc, path), text)
			}
			for _, path := range tc.keyrings {
				writeTestFile(t, filepath.Join(share, path), "key")
			}
			got, err := findArchive(etc, share, tc.override)
			if !errors.Is(err, tc.wantErr) {
				t.Fatalf("error %v, want %v", err, tc.wantErr)
			}
			if relative, err := filepath.Rel(share, got.signedBy); err == nil && filepath.Dir(got.signedBy) == share {
				got.signedBy = "SHARE/" + relative
			}
			if tc.wantErr != nil {
				return
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(archive{})); diff != "" {
				t.Errorf("archive (-want +got):\n%s", diff)
			}
		})
	}
}

func writeTestFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
