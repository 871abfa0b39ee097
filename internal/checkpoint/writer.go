package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// compressionWindow bounds what an encoder remembers, and with it its memory.
const compressionWindow = 512 << 10

// A fileWriter writes the compressed files of a checkpoint, one after the other.
type fileWriter struct {
	directory string
	encoder   *zstd.Encoder
	file      *os.File
	hash      hash.Hash
	entry     File
}

func newFileWriter(directory string) (*fileWriter, error) {
	encoder, err := zstd.NewWriter(nil,
		// The connections work at the same time; each needs one thread only. The
		// fastest level keeps up with the server.
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(compressionWindow), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("prepare the compression: %w", err)
	}
	return &fileWriter{directory: directory, encoder: encoder, hash: sha256.New()}, nil
}

// open begins a file.
func (w *fileWriter) open(name, table string) error {
	file, err := os.OpenFile(filepath.Join(w.directory, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	w.file = file
	w.hash.Reset()
	w.entry = File{Name: name, Table: table}
	w.encoder.Reset(sink{w})
	return nil
}

// sink takes what is compressed.
type sink struct{ w *fileWriter }

func (s sink) Write(p []byte) (int, error) {
	n, err := s.w.file.Write(p)
	s.w.hash.Write(p[:n])
	s.w.entry.Size += int64(n)
	return n, err
}

// Write adds to the file.
func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := w.encoder.Write(p)
	w.entry.Bytes += int64(n)
	if err != nil {
		return n, fmt.Errorf("write the checkpoint: %w", err)
	}
	return n, nil
}

// finish ends the file and brings it to the disk.
func (w *fileWriter) finish() (File, error) {
	err := w.encoder.Close()
	if err == nil {
		err = w.file.Sync()
	}
	err = errors.Join(err, w.file.Close())
	w.file = nil
	if err != nil {
		return File{}, fmt.Errorf("write the checkpoint: %w", err)
	}
	w.entry.SHA256 = hex.EncodeToString(w.hash.Sum(nil))
	return w.entry, nil
}

// close gives up a file that was not finished, and the memory.
func (w *fileWriter) close() {
	if w.file != nil {
		_ = w.file.Close()
	}
	_ = w.encoder.Close()
}

// writeScript writes a whole file.
func (w *fileWriter) writeScript(name, text string) (File, error) {
	if err := w.open(name, ""); err != nil {
		return File{}, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return File{}, err
	}
	return w.finish()
}
