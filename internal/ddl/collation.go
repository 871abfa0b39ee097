package ddl

import (
	"strings"
)

// resolveCollations sets the collation that each column really has. MySQL
// prints it or leaves it out depending on how the table came to be.
func (t *Table) resolveCollations(srv Server) {
	t.Charset = strings.ToLower(t.Option("CHARSET"))
	t.Collation = resolveCollation(t.Charset, strings.ToLower(t.Option("COLLATE")), srv)
	for i := range t.Columns {
		col := &t.Columns[i]
		switch {
		case !col.Type.textual():
		case col.charset == "" && col.collate == "":
			col.Collation = t.Collation
		default:
			col.Collation = resolveCollation(col.charset, col.collate, srv)
		}
	}
}

// resolveCollation returns the collation, the default one of the character set
// when none is named.
func resolveCollation(charset, collation string, srv Server) string {
	if collation != "" || charset == "" {
		return collation
	}
	if srv.Product == MariaDB { // which prints both always
		return charset + " default"
	}
	if c, ok := mysqlDefaultCollations[charset]; ok {
		return c
	}
	return charset + "_general_ci"
}

// mysqlDefaultCollations holds the default collations of MySQL's character sets
// that do not end in _general_ci.
// https://dev.mysql.com/doc/refman/9.7/en/charset-charsets.html
var mysqlDefaultCollations = map[string]string{
	"utf8mb4": "utf8mb4_0900_ai_ci", "binary": "binary", "latin1": "latin1_swedish_ci", "big5": "big5_chinese_ci",
	"cp932": "cp932_japanese_ci", "dec8": "dec8_swedish_ci", "eucjpms": "eucjpms_japanese_ci", "euckr": "euckr_korean_ci",
	"gb18030": "gb18030_chinese_ci", "gb2312": "gb2312_chinese_ci", "gbk": "gbk_chinese_ci", "hp8": "hp8_english_ci",
	"latin5": "latin5_turkish_ci", "sjis": "sjis_japanese_ci", "swe7": "swe7_swedish_ci", "tis620": "tis620_thai_ci",
	"ujis": "ujis_japanese_ci",
}

// CharsetOf returns the character set of a resolved collation.
func CharsetOf(collation string) string {
	charset, _, _ := strings.Cut(collation, "_")
	charset, _, _ = strings.Cut(charset, " ")
	return charset
}

// resolved returns a collation, empty when it is only known to be the default
// one of a character set.
func resolved(collation string) string {
	if strings.HasSuffix(collation, " default") {
		return ""
	}
	return collation
}
