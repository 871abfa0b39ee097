package mysql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A setting is a variable of a server that decides whether it takes what another
// server has, or the same one had once.
type setting struct {
	name   string
	remedy string // a sentence without its stop
	// other says that the value can only be at fault where it is not that of the
	// server that has the original.
	other bool
	fault string // the only value of a switch that can be at fault
}

// settings are all of them, by name.
var settings = func() map[string]setting {
	all := map[string]setting{}
	for _, s := range []setting{
		{name: "innodb_page_size", other: true, remedy: "Use a server whose `innodb_page_size` is as large: it is chosen when the data of a server are made"},
		{name: "innodb_default_row_format", other: true, remedy: "Set `innodb_default_row_format` on the server as it was"},
		{name: "innodb_file_per_table", fault: "OFF", other: true, remedy: "Set `innodb_file_per_table = ON` on the server"},
		{name: "lower_case_table_names", other: true, remedy: "Use a server with the `lower_case_table_names` of the former one, or rename the table first"},
		{name: "innodb_strict_mode", fault: "ON", remedy: "Set `innodb_strict_mode = OFF` on the server, or let the account set it for its sessions (MySQL: `SESSION_VARIABLES_ADMIN`)"},
		{name: "sql_require_primary_key", fault: "ON", remedy: "Set `sql_require_primary_key = OFF` on the server, or let the account set it for its sessions (`SESSION_VARIABLES_ADMIN`)"},
		{name: "max_allowed_packet", remedy: "Raise `max_allowed_packet` on the server"},
		{name: "max_heap_table_size", remedy: "Raise `max_heap_table_size` on the server"},
		{name: "innodb_data_file_path", remedy: "Give the server more room"},
		{name: "innodb_buffer_pool_size", remedy: "Raise `innodb_buffer_pool_size` on the server"},
		{name: "sort_buffer_size", remedy: "Raise `sort_buffer_size` on the server"},
		{name: "log_bin_trust_function_creators", fault: "OFF", remedy: "Set `log_bin_trust_function_creators = ON` on the server"},
		{name: "disabled_storage_engines", remedy: "Take the engine out of `disabled_storage_engines` on the server"},
		{name: "enforce_storage_engine", remedy: "Empty `enforce_storage_engine` on the server"},
		{name: "read_only", fault: "ON", remedy: "Set `read_only = OFF` on the server"},
	} {
		all[s.name] = s
	}
	return all
}()

// settingsOf is the table of the numbers of errors that depend on settings.
func settingsOf(number uint16) []string {
	switch number {
	case errRowTooLarge, errCannotCreateTable, errIllegalOption, errIllegalOptions:
		return []string{"innodb_page_size", "innodb_default_row_format", "innodb_file_per_table", "innodb_strict_mode"}
	case errKeyTooLong, errKeyColumnTooLong:
		return []string{"innodb_page_size", "innodb_default_row_format"}
	case errPacketTooLarge:
		return []string{"max_allowed_packet"}
	case errTableFull:
		return []string{"max_heap_table_size", "innodb_data_file_path"}
	case errLockTableFull:
		return []string{"innodb_buffer_pool_size"}
	case errOutOfSortMemory:
		return []string{"sort_buffer_size"}
	case errBinlogRoutine, errBinlogFunction:
		return []string{"log_bin_trust_function_creators"}
	case errUnknownEngine, errDisabledEngine:
		return []string{"disabled_storage_engines", "enforce_storage_engine"}
	case errRequirePrimaryKey:
		return []string{"sql_require_primary_key"}
	case errTableExists, errNoSuchTable:
		return []string{"lower_case_table_names"}
	case errReadOnlyOption: // MariaDB says it of an engine, too
		return []string{"read_only", "enforce_storage_engine"}
	}
	return nil
}

// A Setting is a variable of a server with its value, and what to do about it.
type Setting struct {
	Name, Value string
	Remedy      string // a sentence without its stop
	// Differs says that the value is another one where the original is: Former.
	Differs bool
	Former  string
}

// String is the setting in words.
func (s Setting) String() string {
	text := fmt.Sprintf("`%s` of the server is `%s`", s.Name, s.Value)
	switch {
	case s.Differs && s.Former == "":
		return text + ", and was empty"
	case s.Differs:
		return text + fmt.Sprintf(", and was `%s`", s.Former)
	}
	return text
}

// Settings reads the variables of a server that decide what it takes.
func Settings(ctx context.Context, q Queryer) (map[string]string, error) {
	names := slices.Sorted(maps.Keys(settings))
	rows, err := q.Query(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('"+strings.Join(names, "', '")+"')")
	if err != nil {
		return nil, fmt.Errorf("ask for the settings of the server: %w", err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("ask for the settings of the server: %w", err)
		}
		found[name] = value
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask for the settings of the server: %w", err)
	}
	return found, nil
}

// SettingsBehind returns the settings that may be why a server refuses what another
// one has: of those that its error depends on the ones that differ, and when none
// does, those that can be at fault as they are. Former are the settings of the other
// server, nil when they are not known.
func SettingsBehind(err error, here, former map[string]string) []Setting {
	e, ok := asServerError(err)
	if !ok {
		return nil
	}
	return ofSettings(settingsOf(e.Number), here, former)
}

// PacketBehind is SettingsBehind for a statement that is too long to be sent.
func PacketBehind(here, former map[string]string) []Setting {
	return ofSettings([]string{"max_allowed_packet"}, here, former)
}

// NamesBehind is SettingsBehind for names that the server does not keep as they are.
func NamesBehind(here, former map[string]string) []Setting {
	return ofSettings([]string{"lower_case_table_names"}, here, former)
}

func ofSettings(names []string, here, former map[string]string) []Setting {
	var differ, alike []Setting
	for _, name := range names {
		value, known := here[name]
		s := Setting{Name: name, Value: value, Remedy: settings[name].remedy}
		before, compared := former[name]
		switch {
		case !known, value == "", settings[name].fault != "" && settings[name].fault != value:
		case compared && before != value:
			s.Differs, s.Former = true, before
			differ = append(differ, s)
		case !settings[name].other || !compared:
			alike = append(alike, s)
		}
	}
	if len(differ) > 0 {
		return differ
	}
	return alike
}
