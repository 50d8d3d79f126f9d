//! One style sheet out of many, for the oldest browsers that farmers' phones have.

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::{Browsers, Targets};
use std::path::Path;

/// Chrome 80 and Safari 13.4, as Lightning CSS writes versions.
const OLDEST: Browsers = Browsers {
    chrome: Some(80 << 16),
    safari: Some((13 << 16) | (4 << 8)),
    ios_saf: Some((13 << 16) | (4 << 8)),
    android: None,
    edge: None,
    firefox: None,
    ie: None,
    opera: None,
    samsung: None,
};

/// Follows `@import`, lowers new syntax, minifies, and puts hashed addresses where `url()` names public files.
///
/// # Errors
/// When the CSS does not parse, or a `url()` names a file for which `address` knows nothing.
pub(super) fn bundle<'a>(main: &Path, address: impl Fn(&str) -> Option<&'a str>) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet =
        bundler.bundle(main).map_err(|error| anyhow!("{error}")).context("bundling styles")?;
    let targets = Targets::from(OLDEST);
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| anyhow!("{error}"))
        .context("minifying styles")?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            analyze_dependencies: Some(DependencyOptions::default()),
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("{error}"))
        .context("printing styles")?;

    let mut code = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        let Dependency::Url(found) = dependency else { continue };
        let to = if found.url.starts_with("data:") || found.url.starts_with('#') {
            found.url.as_str()
        } else {
            let name = found.url.trim_start_matches("../public").trim_start_matches(['.', '/']);
            let Some(to) = address(name) else {
                bail!(
                    "{}:{}: url({}) names no file of public/",
                    found.loc.file_path,
                    found.loc.start.line,
                    found.url
                );
            };
            to
        };
        code = code.replace(&found.placeholder, to);
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    fn sheet(name: &str, text: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("tokkatot-style-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("main.css");
        fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn a_font_is_named_by_its_hashed_address() {
        let main =
            sheet("font", "@font-face { font-family: K; src: url(../public/fonts/k.woff2); }");
        let css =
            bundle(&main, |name| (name == "fonts/k.woff2").then_some("/pkg/k.1234.woff2")).unwrap();
        assert!(
            css.contains("url(/pkg/k.1234.woff2)") || css.contains("url(\"/pkg/k.1234.woff2\")"),
            "{css}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let main = sheet("missing", "a { background: url(/nowhere.svg) }");
        let error = bundle(&main, |_| None).unwrap_err().to_string();
        assert!(error.contains("url(/nowhere.svg) names no file"), "{error}");
    }

    #[test]
    fn what_old_phones_do_not_know_is_written_out() {
        let main = sheet("old", "a { inset: 0; &:hover { color: #000 } }");
        let css = bundle(&main, |_| None).unwrap();
        assert!(css.contains("top:0") && css.contains("a:hover"), "{css}");
    }
}
