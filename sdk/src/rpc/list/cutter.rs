//! Cutting a JSON-RPC answer into the elements of its list.

use memchr::memchr2;

/// How deep in an answer's JSON its context is: below the answer and the result.
const CONTEXT_DEPTH: usize = 2;
/// How deep the elements of its list are: below the answer, the result and the list.
const LIST_DEPTH: usize = 3;
/// What stands in the envelope for an element that was cut out.
const CUT: &[u8] = b"null";

/// A piece of an answer, complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// An object beside the list: the context, or what an error adds to its message.
    Context(&'a [u8]),
    /// An element of the list.
    Element(&'a [u8]),
}

/// Cuts the objects of the list out of an answer's JSON while it comes. It knows where JSON's strings, objects and arrays
/// begin and end, and nothing else: whether the pieces are sound JSON is for their reader to say.
#[derive(Default)]
pub struct Cutter {
    /// The answer, `null` standing for each element that was cut out.
    envelope: Vec<u8>,
    /// Where in it the context begins that is not complete yet.
    context: Option<usize>,
    /// The element that is being cut out, as far as it has come.
    element: Vec<u8>,
    is_in_element: bool,
    is_in_list: bool,
    depth: usize,
    within: Within,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Structure,
    Text,
    /// In a text, behind a backslash.
    Escape,
}

impl Cutter {
    /// Takes the next part of the answer, and hands over each piece that it completes.
    pub fn take<E>(
        &mut self,
        mut rest: &[u8],
        mut piece: impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some((run, last)) = self.run(rest) {
            rest = rest.get(run.len()..).unwrap_or_default();
            let (opens, closes) = self.step(last);
            if opens == Some(b'{') && self.is_in_list && self.depth == LIST_DEPTH {
                self.envelope.extend_from_slice(CUT);
                self.is_in_element = true;
            }
            if opens == Some(b'{') && self.depth == CONTEXT_DEPTH {
                self.context = Some(self.envelope.len());
            }
            if self.is_in_element {
                self.element.extend_from_slice(run);
            } else {
                self.envelope.extend_from_slice(run);
            }
            if let Some(bracket) = opens {
                self.depth = self.depth.saturating_add(1);
                if self.depth == LIST_DEPTH {
                    self.is_in_list = bracket == b'[';
                }
            }
            if closes {
                self.depth = self.depth.saturating_sub(1);
                if self.is_in_element && self.depth == LIST_DEPTH {
                    self.is_in_element = false;
                    piece(Piece::Element(&self.element))?;
                    self.element.clear();
                }
                if self.depth == CONTEXT_DEPTH {
                    let context = self.context.take();
                    if let Some(context) = context.and_then(|at| self.envelope.get(at..)) {
                        piece(Piece::Context(context))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The answer without its elements. One that broke off within an element is no sound JSON.
    pub fn envelope(self) -> Vec<u8> {
        self.envelope
    }

    /// The bytes that belong together, and the last of them: most of a text, else a single one.
    fn run<'a>(&self, rest: &'a [u8]) -> Option<(&'a [u8], u8)> {
        let len = match self.within {
            Within::Text => memchr2(b'"', b'\\', rest).map_or(rest.len(), |at| at + 1),
            Within::Structure | Within::Escape => 1,
        };
        let run = rest.get(..len)?;
        Some((run, *run.last()?))
    }

    /// Moves behind a byte: the bracket that it opens, and whether it closes one.
    fn step(&mut self, byte: u8) -> (Option<u8>, bool) {
        match (self.within, byte) {
            (Within::Text, b'\\') => self.within = Within::Escape,
            (Within::Text, b'"') => self.within = Within::Structure,
            (Within::Text, _) => {}
            (Within::Escape, _) => self.within = Within::Text,
            (Within::Structure, b'"') => self.within = Within::Text,
            (Within::Structure, b'{' | b'[') => return (Some(byte), false),
            (Within::Structure, b'}' | b']') => return (None, true),
            (Within::Structure, _) => {}
        }
        (None, false)
    }
}
