//! The command line describes itself: examples that work, completions, the manual.

use super::Kiosk;

/// The examples in the help of a command.
async fn examples(kiosk: &Kiosk, command: &str) -> Vec<String> {
    let help = kiosk.run(&[command, "--help"]).await;
    let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{help}"));
    let lines = examples.lines().take_while(|line| line.starts_with("  ingest "));
    lines.map(|line| line.trim().to_owned()).collect()
}

#[tokio::test]
async fn the_examples_of_the_help_work() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute(
        "UPDATE articles SET url = 'https://example.org/news/night-ferry' WHERE id = 1;
         INSERT INTO url_keys VALUES ('example.org/news/night-ferry', 1);",
    );
    let mut tried = 0;
    for command in ["search", "show", "export", "stats", "watch", "completions", "man"] {
        // That one goes on for ever.
        let lines =
            examples(&kiosk, command).await.into_iter().filter(|line| line != "ingest watch");
        for line in lines {
            let output = kiosk.ingest.shell(&line).await;
            assert_eq!(output.code, 0, "{line}: {output:?}");
            let is_refused =
                ["ingest: ", "error: "].iter().any(|word| output.stderr.contains(word));
            assert!(!is_refused, "{line}: {output:?}");
            tried += 1;
        }
    }
    assert!(tried >= 20, "only {tried} examples were found");
    let written = kiosk.ingest.path("articles.csv");
    assert!(written.exists() && kiosk.ingest.path("ingest.1").exists());
}

#[tokio::test]
async fn every_shell_can_complete_every_command() {
    let kiosk = Kiosk::open().await;
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = kiosk.run(&["completions", shell]).await;
        for word in ["search", "discover", "sightings"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    assert!(kiosk.refusal(&["completions", "tcsh"]).await.contains("bash"));
}

#[tokio::test]
async fn the_manual_has_a_page_for_the_program_and_for_each_command() {
    let kiosk = Kiosk::open().await;
    let whole = kiosk.run(&["man"]).await;
    assert!(whole.contains(".TH ingest 1"), "{whole}");
    let page = kiosk.run(&["man", "feeds", "add"]).await;
    assert!(page.contains(".TH ingest-feeds-add 1"), "{page}");
    assert!(page.contains("no\\-check"), "{page}");
    let refusal = kiosk.refusal(&["man", "feeds", "fly"]).await;
    assert!(refusal.contains("there is no command `fly`; there are add, list"), "{refusal}");
    let refusal = kiosk.refusal(&["man", "search", "fly"]).await;
    assert!(refusal.contains("has no commands of its own"), "{refusal}");
}
