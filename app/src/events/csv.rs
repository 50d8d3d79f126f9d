//! Lines of a table for spreadsheets (RFC 4180), in which nothing is a formula.

/// Excel takes a file for UTF-8, and so for Khmer, if it begins with this.
pub(super) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Adds one line.
pub(super) fn push_line<'a>(file: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            file.push(',');
        }
        push_cell(file, cell);
    }
    file.push_str("\r\n");
}

/// A cell that a spreadsheet would calculate gets an apostrophe before it, which makes it text.
fn push_cell(file: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let is_plain = !is_formula && !cell.contains([',', '"', '\r', '\n']);
    if is_plain {
        return file.push_str(cell);
    }
    file.push('"');
    if is_formula {
        file.push('\'');
    }
    file.push_str(&cell.replace('"', "\"\""));
    file.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_text() {
        let mut file = String::new();
        let cells =
            ["ម្ចាស់", "a,b", "say \"x\"", "two\r\nlines", "=1+1", "+855", "-1", "@a", "\t=1", "a=1"];
        push_line(&mut file, cells);
        assert_eq!(
            file,
            "ម្ចាស់,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",\"'=1+1\",\"'+855\",\"'-1\",\"'@a\",\"'\t=1\",a=1\r\n"
        );
    }
}
