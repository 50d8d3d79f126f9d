//! One order for the marks of a Khmer cluster. Keyboards and fonts let them be typed in several that look
//! the same, and Unicode's own normal forms leave Khmer as it is.

const COENG: char = '\u{17D2}';

/// What hangs on a base letter, in the order it is to stand. Those of one kind go by their characters,
/// subscripts by how they were typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// A subscript letter.
    Subscript,
    /// The subscript រ, which is drawn to the left of all others.
    SubscriptRo,
    /// ៉ and ៊.
    Shifter(char),
    Vowel(char),
    Sign(char),
}

/// The text with every cluster in order.
pub(super) fn in_order(text: impl Iterator<Item = char>) -> Vec<char> {
    let mut ordered = Vec::new();
    let mut marks: Vec<(Mark, char)> = Vec::new();
    let mut text = text.flat_map(plain).peekable();
    while let Some(c) = text.next() {
        let mark = match c {
            COENG => match text.next_if(|next| matches!(next, '\u{1780}'..='\u{17B3}')) {
                Some('រ') => (Mark::SubscriptRo, 'រ'),
                // ្ដ and ្ត are drawn as one
                Some('ដ') => (Mark::Subscript, 'ត'),
                Some(letter) => (Mark::Subscript, letter),
                None => (Mark::Sign(c), c),
            },
            '\u{17C9}' | '\u{17CA}' => (Mark::Shifter(c), c),
            '\u{17B6}'..='\u{17C5}' => (Mark::Vowel(c), c),
            '\u{17C6}'..='\u{17D1}' | '\u{17D3}' | '\u{17DD}' => (Mark::Sign(c), c),
            _ => {
                flush(&mut marks, &mut ordered);
                ordered.push(c);
                continue;
            }
        };
        marks.push(mark);
    }
    flush(&mut marks, &mut ordered);
    ordered
}

/// Puts a cluster's marks down in their order.
fn flush(marks: &mut Vec<(Mark, char)>, ordered: &mut Vec<char>) {
    marks.sort_by_key(|(mark, _)| *mark);
    compose(marks);
    for (mark, c) in marks.drain(..) {
        if matches!(mark, Mark::Subscript | Mark::SubscriptRo) {
            ordered.push(COENG);
        }
        ordered.push(c);
    }
}

/// Vowels of two parts become one; what was typed twice counts once.
fn compose(marks: &mut Vec<(Mark, char)>) {
    for (first, second, whole) in [
        ('\u{17C1}', '\u{17C1}', '\u{17C2}'),
        ('\u{17B8}', '\u{17C1}', '\u{17BE}'),
        ('\u{17B6}', '\u{17C1}', '\u{17C4}'),
    ] {
        let count = |vowel| marks.iter().filter(|(mark, _)| *mark == Mark::Vowel(vowel)).count();
        let is_whole =
            if first == second { count(first) > 1 } else { count(first) > 0 && count(second) > 0 };
        if is_whole {
            marks.retain(|(mark, _)| ![Mark::Vowel(first), Mark::Vowel(second)].contains(mark));
            marks.push((Mark::Vowel(whole), whole));
        }
    }
    marks.sort_by_key(|(mark, _)| *mark);
    marks.dedup();
}

/// Letters that Unicode discourages, as those that it recommends.
fn plain(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        '\u{17A3}' => ('\u{17A2}', None),
        '\u{17A4}' => ('\u{17A2}', Some('\u{17B6}')),
        '\u{17B2}' => ('\u{17B1}', None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}
