package io.caravel.search;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.Weight;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;

/**
 * Texts by number in a Lucene index, found by any part of theirs: each three characters that follow
 * each other are a term, at their place, so that a phrase of terms is a part of the text, as {@code
 * like '%…%'} has it, in any script. Thread-safe.
 */
final class GramFile implements Closeable {
  private static final int GRAM = 3;

  /** Behind a text, so that its last characters begin a term, too. No folded text holds it. */
  private static final String END = "\u001F".repeat(GRAM - 1);

  private static final String ID = "id";
  private static final String PHOTO = "photo";
  private static final String WORDS = "words";

  /** Megabytes of changes that are held before they are written. */
  private static final double BUFFER = 16;

  private static final FieldType PLACED = new FieldType();

  static {
    PLACED.setTokenized(true);
    PLACED.setOmitNorms(true);
    PLACED.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    PLACED.freeze();
  }

  private final Directory directory;
  private final IndexWriter writer;
  private final SearcherManager searchers;
  private final Map<String, String> notes = new HashMap<>();

  /**
   * Opens what lies there, or makes an empty one.
   *
   * @throws IOException also where it is broken, or of another version of Lucene
   */
  GramFile(Path folder) throws IOException {
    List<Closeable> opened = new ArrayList<>();
    try {
      // Not mapped: a file that is cut off while it is mapped ends the program.
      directory = new NIOFSDirectory(folder);
      opened.add(directory);
      IndexWriterConfig config = new IndexWriterConfig(grams());
      config.setRAMBufferSizeMB(BUFFER);
      writer = new IndexWriter(directory, config);
      opened.add(0, writer::rollback);
      requireWhole();
      searchers = new SearcherManager(writer, UNCACHED);
      Iterable<Map.Entry<String, String>> kept = writer.getLiveCommitData();
      if (kept != null) {
        kept.forEach(note -> notes.put(note.getKey(), note.getValue()));
      }
    } catch (IOException | RuntimeException e) {
      IOUtils.closeWhileHandlingException(opened);
      throw e;
    }
  }

  private static final SearcherFactory UNCACHED =
      new SearcherFactory() {
        @Override
        public IndexSearcher newSearcher(IndexReader reader, @Nullable IndexReader previous) {
          IndexSearcher searcher = new IndexSearcher(reader);
          searcher.setQueryCache(null);
          return searcher;
        }
      };

  private static Analyzer grams() {
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        return new TokenStreamComponents(new NGramTokenizer(GRAM, GRAM));
      }
    };
  }

  /** All checksums hold: else some bytes that changed on the disk would hide a photo. */
  private void requireWhole() throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      for (LeafReaderContext leaf : reader.leaves()) {
        leaf.reader().checkIntegrity();
      }
    }
  }

  /** What was noted at the last {@link #commit}. */
  Map<String, String> notes() {
    return notes;
  }

  /** Takes the text in place of a former one of that number. */
  void put(long id, String text) throws IOException {
    Document document = new Document();
    document.add(new StringField(ID, String.valueOf(id), Field.Store.NO));
    document.add(new NumericDocValuesField(PHOTO, id));
    document.add(new Field(WORDS, text + END, PLACED));
    writer.updateDocument(new Term(ID, String.valueOf(id)), document);
  }

  void remove(long id) throws IOException {
    writer.deleteDocuments(new Term(ID, String.valueOf(id)));
  }

  /** What was put and removed is seen from now on. */
  void refresh() throws IOException {
    searchers.maybeRefreshBlocking();
  }

  /** All that was put and removed, and these notes, outlive a power cut; or nothing of it does. */
  void commit(Map<String, String> with) throws IOException {
    writer.setLiveCommitData(with.entrySet());
    writer.commit();
  }

  /**
   * The numbers of the texts that hold a part, where they are more than {@code most} some of them,
   * and more than that.
   *
   * @param part not empty
   */
  List<Long> holding(String part, int most) throws IOException {
    IndexSearcher searcher = searchers.acquire();
    try {
      Query query = searcher.rewrite(query(part));
      Weight weight = searcher.createWeight(query, ScoreMode.COMPLETE_NO_SCORES, 1);
      List<Long> found = new ArrayList<>();
      for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
        Scorer scorer = weight.scorer(leaf);
        if (scorer != null) {
          add(leaf, scorer.iterator(), found, most);
        }
      }
      return found;
    } finally {
      searchers.release(searcher);
    }
  }

  private static void add(
      LeafReaderContext leaf, DocIdSetIterator documents, List<Long> found, int most)
      throws IOException {
    NumericDocValues photos = DocValues.getNumeric(leaf.reader(), PHOTO);
    Bits living = leaf.reader().getLiveDocs();
    while (found.size() <= most && documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      int document = documents.docID();
      if ((living == null || living.get(document)) && photos.advanceExact(document)) {
        found.add(photos.longValue());
      }
    }
  }

  private static Query query(String part) {
    int[] characters = part.codePoints().toArray();
    if (characters.length < GRAM) {
      return new PrefixQuery(new Term(WORDS, part));
    }
    PhraseQuery.Builder phrase = new PhraseQuery.Builder();
    int last = characters.length - GRAM;
    for (int at = 0; at < last; at += GRAM) {
      phrase.add(new Term(WORDS, new String(characters, at, GRAM)), at);
    }
    phrase.add(new Term(WORDS, new String(characters, last, GRAM)), last);
    return phrase.build();
  }

  /** Ends without a commit: what follows the last one is forgotten. */
  @Override
  public void close() throws IOException {
    IOUtils.close(searchers, writer::rollback, directory);
  }
}
