package instance

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// dockerAnswers tells whether an engine answers the docker client. The client
// alone is often there without one.
func dockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}

func dockerSoftware(kind Kind) (*Software, error) {
	r, err := releaseOf(kind)
	if err != nil {
		return nil, err
	}
	return &Software{Kind: kind, Path: r.dockerImage, image: r.dockerImage, mariaDB: kind.IsMariaDB()}, nil
}

// startContainer runs the official image with its port on the loopback
// address, or starts the container again that was stopped. The password goes
// through the environment, not the command line, which everybody can read.
func (i *Instance) startContainer(ctx context.Context) error {
	if err := i.findSoftware(ctx); err != nil {
		return err
	}
	if i.Port == 0 {
		port, err := FreePort()
		if err != nil {
			return err
		}
		i.Port = port
	}
	i.Username, i.Socket = "root", ""
	if i.container == "" {
		// A container of that name is left from a folder that is gone.
		sum := sha256.Sum256([]byte(i.Dir))
		i.container = "landlord-" + hex.EncodeToString(sum[:6])
		_ = removeContainer(i.container)
		args := append([]string{"run", "--detach", "--name", i.container,
			"--publish", "127.0.0.1:" + strconv.Itoa(i.Port) + ":3306",
			"--env", "MYSQL_ROOT_PASSWORD", "--env", "MYSQL_ROOT_HOST=%",
			"--env", "MARIADB_ROOT_HOST=%", i.software.image}, i.args...)
		if _, err := docker(ctx, []string{"MYSQL_ROOT_PASSWORD=" + i.Password}, args...); err != nil {
			return err
		}
	} else if _, err := docker(ctx, nil, "start", i.container); err != nil {
		return err
	}
	if err := i.waitContainer(ctx); err != nil {
		log, _ := docker(ctx, nil, "logs", "--tail", "30", i.container)
		return fmt.Errorf("starting %s: %w; the end of its log:\n%s", i.software, err, log)
	}
	return i.save()
}

// waitContainer asks over TCP until the server answers. The image initializes
// with a server that does not listen on TCP, so an answer is the final one.
func (i *Instance) waitContainer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", i.Endpoint(), i.Username, i.Password
	cfg.Logger = silent{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("preparing a connection: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	for {
		var one int
		err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
		if err == nil {
			return nil
		}
		if !containerRunning(i.container) {
			return errEndedEarly
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer: %w", errors.Join(context.Cause(ctx), err))
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func containerRunning(name string) bool {
	out, err := docker(context.Background(), nil, "inspect", "--format", "{{.State.Running}}", name)
	return err == nil && strings.TrimSpace(out) == "true"
}

func stopContainer(name string) error {
	_, err := docker(context.Background(), nil, "stop", "--time", "60", name)
	return err
}

func removeContainer(name string) error {
	_, err := docker(context.Background(), nil, "rm", "--force", "--volumes", name)
	return err
}

func killContainer(name string) error {
	if !containerRunning(name) {
		return nil
	}
	_, err := docker(context.Background(), nil, "kill", name)
	return err
}

func docker(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("running `docker %s`: %w\n%s", args[0], err, tail(string(out), 10))
	}
	return string(out), nil
}
