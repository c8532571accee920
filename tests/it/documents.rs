//! What the documents say is what the program does.

use std::collections::BTreeSet;
use std::path::Path;

use crate::harness::Ingest;
use crate::harness::questions::questions;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[tokio::test]
async fn the_readme_shows_the_help_as_it_is() {
    let help = Ingest::new().run(&["--help"]).await.stdout;
    let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert!(
        lines(&document("README.md")).contains(&lines(help.trim())),
        "README.md shows another --help than this:\n{help}"
    );
}

/// The names in the first cells of the first table under a heading.
fn first_cells(text: &str, heading: &str) -> BTreeSet<String> {
    let section = text.split(&format!("\n### {heading}\n")).nth(1);
    let section = section.unwrap_or_else(|| panic!("docs/SCHEMA.md does not speak of {heading}"));
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

#[tokio::test]
async fn the_handbook_of_the_schema_names_every_table_view_and_column() {
    let ingest = Ingest::new();
    ingest.run(&["feeds", "list"]).await;
    let handbook = document("docs/SCHEMA.md");
    let names = ingest.column::<String>(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')
           AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%' ORDER BY name",
    );
    assert!(names.len() >= 20);
    for name in names {
        let query = format!("SELECT name FROM pragma_table_xinfo('{name}')");
        let columns: BTreeSet<String> = ingest.column::<String>(&query).into_iter().collect();
        assert_eq!(first_cells(&handbook, &name), columns, "columns of {name} in docs/SCHEMA.md");
    }
    let version: i64 = ingest.value("PRAGMA user_version");
    let said = format!("`PRAGMA user_version` is the version of the schema: {version}.");
    assert!(handbook.contains(&said), "docs/SCHEMA.md does not say {said}");
}

/// The rows of the first table under each heading: heading, names in the first cell, example.
fn examples(text: &str) -> Vec<(String, Vec<String>, String)> {
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let mut examples = Vec::new();
    for section in text.split("\n### ").skip(1) {
        let heading = section.lines().next().unwrap();
        let rows = section.lines().skip_while(|line| !line.starts_with('|'));
        for row in rows.take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = row.split('|').collect();
            let (names, example): (Vec<String>, Vec<String>) =
                (quoted(cells[1]), cells.get(3).map(|cell| quoted(cell)).unwrap_or_default());
            if let [example] = example.as_slice() {
                examples.push((heading.to_owned(), names, example.clone()));
            }
        }
    }
    examples
}

#[tokio::test]
async fn the_examples_of_the_handbook_are_of_the_type_of_their_columns() {
    let ingest = Ingest::new();
    ingest.run(&["feeds", "list"]).await;
    let examples = examples(&document("docs/SCHEMA.md"));
    assert!(examples.len() > 100, "only {} examples", examples.len());
    for (table, columns, example) in examples {
        for column in columns {
            let typed =
                format!("SELECT type FROM pragma_table_xinfo('{table}') WHERE name = '{column}'");
            let fits = match ingest.value::<String>(&typed).as_str() {
                "INTEGER" => example.parse::<i64>().is_ok(),
                "REAL" => example.parse::<f64>().is_ok(),
                "TEXT" if column.ends_with("_at") || column.ends_with("_until") => {
                    chrono::DateTime::parse_from_rfc3339(&example).is_ok() && example.ends_with('Z')
                }
                // A computed column of a view has no type.
                "TEXT" | "BLOB" | "" => true,
                other => panic!("{table}.{column} is {other}"),
            };
            assert!(fits, "`{example}` is no example of {table}.{column}");
        }
    }
}

/// The SQL of a document's fenced blocks, statement by statement.
fn statements(text: &str) -> Vec<String> {
    let blocks = text.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks
        .flat_map(|block| block.split(";\n"))
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| statement.contains("SELECT"))
        .collect()
}

#[tokio::test]
async fn every_query_of_the_documents_runs() {
    let ingest = Ingest::new();
    ingest.run(&["feeds", "list"]).await;
    let connection = ingest.connection();
    for name in ["README.md", "docs/SCHEMA.md", "docs/OPERATIONS.md", "docs/QUERIES.md"] {
        for statement in statements(&document(name)) {
            let prepared = connection
                .prepare(&statement)
                .and_then(|mut prepared| prepared.query([])?.next().map(|_| ()));
            assert!(prepared.is_ok(), "{name}: {statement}\n{prepared:?}");
        }
    }
    assert!(statements(&document("README.md")).len() >= 8);
}

#[test]
fn the_architecture_draws_the_floors_that_are_tested() {
    let drawn = document("ARCHITECTURE.md");
    for (module, floor) in crate::layering::FLOORS {
        if matches!(*module, "lib" | "main") {
            continue;
        }
        let name = module.replace("::", "/");
        let row = drawn.lines().any(|line| {
            line.starts_with(&format!("| {floor} |"))
                && line.contains(name.rsplit('/').next().unwrap())
        });
        assert!(row, "ARCHITECTURE.md does not draw {module} on floor {floor}");
    }
}

/// The queries of config/datasette.yml, as title and SQL: a block of its own under each title.
fn canned_queries(text: &str) -> Vec<(String, String)> {
    let queries = text.split("\n    queries:\n").nth(1).unwrap();
    let after = |line: &str, key: &str| line.strip_prefix(key).map(str::to_owned);
    let mut found: Vec<(String, String)> = Vec::new();
    for line in queries.lines() {
        if let Some(title) = after(line, "        title: ") {
            found.push((title, String::new()));
        } else if line == "        sql: |-" {
            found.last_mut().unwrap().1.clear();
        } else if let Some(more) = after(line, "          ") {
            let sql = &mut found.last_mut().unwrap().1;
            *sql = format!("{sql}\n{more}");
        }
    }
    found
}

#[test]
fn datasette_is_given_the_queries_of_the_document() {
    let canned = canned_queries(&document("config/datasette.yml"));
    let of_document = questions().into_iter().map(|question| {
        // What is an example there is asked for here.
        let sql = question.sql.trim_end_matches(';').replace("'gazette.example'", ":host");
        let sql = sql.replace("article_id = 2", "article_id = :article");
        (question.title, format!("\n{}", sql.replace("MATCH 'ferry'", "MATCH :words")))
    });
    assert_eq!(canned, of_document.collect::<Vec<_>>());
    assert!(canned.len() >= 20);
}

#[tokio::test]
async fn datasette_is_told_of_nothing_that_is_not_in_the_file() {
    let ingest = Ingest::new();
    ingest.run(&["feeds", "list"]).await;
    let text = document("config/datasette.yml");
    let tables =
        text.split("\n    tables:\n").nth(1).unwrap().split("\n    queries:").next().unwrap();
    // A query of the name of a table would stand in its place.
    let queries = text.split("\n    queries:\n").nth(1).unwrap().lines();
    let names = queries.filter(|line| line.starts_with("      ") && !line.starts_with("       "));
    for name in names.map(|line| line.trim_matches([' ', ':'])) {
        let is_table = format!("SELECT count(*) FROM sqlite_schema WHERE name = '{name}'");
        assert_eq!(ingest.value::<i64>(&is_table), 0, "{name} is a table");
    }
    let mut table = "";
    let mut tried = 0;
    for line in tables.lines() {
        let (key, value) = line.trim().split_once(':').unwrap();
        if line.starts_with("      ") && !line.starts_with("       ") {
            table = key;
        }
        let columns = match key {
            "facets" | "sort_desc" | "label_column" => {
                value.trim_matches([' ', '[', ']']).split(", ")
            }
            "fts_table" => continue,
            _ => "*".split(", "),
        };
        for column in columns {
            let sql = format!("SELECT {column} FROM {table} LIMIT 1");
            assert!(ingest.connection().prepare(&sql).is_ok(), "{sql}");
            tried += 1;
        }
    }
    assert!(tried > 20, "only {tried} names were tried");
}
