//! A row of names of which one is chosen: `Guide │ Calls │ CLI`.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::text::width;
use crate::view::theme::Role;

/// The row as a line. The chosen one is marked by brackets too, not by its look alone.
pub fn line(names: &[&str], chosen: usize, focused: bool, look: &Look) -> Line<'static> {
    let mut spans = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            spans.push(Span::raw(" "));
        }
        if at == chosen {
            let role = if focused { Role::Accent } else { Role::Strong };
            spans.push(look.span(role, format!("[{name}]")));
        } else {
            spans.push(look.span(Role::Dim, format!(" {name} ")));
        }
    }
    Line::from(spans)
}

/// Where the names are when the line is drawn at a place, for the mouse.
pub fn places(names: &[&str], x: u16, y: u16) -> Vec<Rect> {
    let mut x = x;
    names
        .iter()
        .map(|name| {
            let size = u16::try_from(width(name) + 2).unwrap_or(u16::MAX);
            let place = Rect::new(x, y, size, 1);
            x = x.saturating_add(size + 1);
            place
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn the_chosen_one_is_told_without_colour_and_nothing_moves() {
        let look = Look::new(Lang::Ko);
        let names = ["안내", "호출", "CLI"];
        assert_eq!(line(&names, 0, true, &look).to_string(), "[안내]  호출   CLI ");
        assert_eq!(line(&names, 2, true, &look).to_string(), " 안내   호출  [CLI]");
        let places = places(&names, 3, 1);
        assert_eq!(places.iter().map(|place| (place.x, place.width)).collect::<Vec<_>>(), [(3, 6), (10, 6), (17, 5)]);
    }
}
